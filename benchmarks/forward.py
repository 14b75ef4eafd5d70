#!/usr/bin/env python3
"""Recording all hidden states, rnnsafe beside PyTorch, on the same weights and words, one thread each.

    forward.py [--program build/release/benchmarks/bench_forward] [--repeat 7] [--only TEXT] [--quick]
               [--what record,single,tree,threads,onnx] [--ort FOLDER]

record   RNN(tanh), GRU and LSTM; hidden 32, 64, 128, 256; 1 and 2 layers; batch 256 and 1024; length 32; 8 symbols. PyTorch gets its one-hot
         input ready made and records h of the top layer; rnnsafe gets symbols and records h, and c, of all layers. The two run in turns,
         in processes of their own; the ratio is that of the smallest processor times. The difference is the largest of h at any place,
         and of the last states of all layers: rnnsafe - PyTorch float32, rnnsafe - float64, PyTorch - float64.
single   microseconds a step of one word of 2000 symbols, 2 layers of 50 units, beside a loop of PyTorch's cells.
tree     all words of lengths 1 to 14 over 2 symbols of a GRU with 64 units. PyTorch: for each length n all 2^n words as one batch, each from
         the start, n steps, and the last output; rnnsafe: the prefix tree. Steps are counted on both sides.
threads  record with one and two threads, seconds of the clock.
onnx     record beside ONNX Runtime, with one thread within and one between its operators, on the model that PyTorch exports: h of the top
         layer of every step. FOLDER is one in which `npm install --ignore-scripts onnxruntime-node` was run.
"""

import argparse
import json
import math
import os
import struct
import subprocess
import sys
import tempfile
import time
import warnings

os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy
import torch

SYMBOLS = 8
LENGTH = 32


def save(path, module, head):
    state = {"rnn." + k: v for k, v in module.state_dict().items()}
    state.update({"fc." + k: v for k, v in head.state_dict().items()})
    header, data = {}, b""
    for name, tensor in state.items():
        part = tensor.numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(part)]}
        data += part
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def make(cell, hidden, layers, symbols=SYMBOLS):
    torch.manual_seed(hidden + layers)
    kind = {"tanh": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[cell]
    return kind(symbols, hidden, layers).eval(), torch.nn.Linear(hidden, 2)


def words(length, batch, symbols=SYMBOLS):
    t, i = torch.arange(length)[:, None], torch.arange(batch)[None, :]
    return (7 * t + i + t * i) % symbols


# Answers as bench_forward does, and writes the last output to a file in the end.
ONNX = r"""
const [folder, model, input, shape, out] = process.argv.slice(1), fs = require('fs');
const ort = require(folder + '/node_modules/onnxruntime-node');
(async () => {
  const options = {intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all'};
  const session = await ort.InferenceSession.create(model, options);
  const bytes = fs.readFileSync(input), data = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const feeds = {[session.inputNames[0]]: new ort.Tensor('float32', data, JSON.parse(shape))}, wanted = [session.outputNames[0]];
  let result;
  for await (const line of require('readline').createInterface({input: process.stdin})) {
    const start = process.cpuUsage(), clock = process.hrtime.bigint();
    result = await session.run(feeds, wanted);
    const used = process.cpuUsage(start);
    console.log((used.user + used.system) * 1e-6, Number(process.hrtime.bigint() - clock) * 1e-9, 0);
  }
  fs.writeFileSync(out, Buffer.from(result[wanted[0]].data.buffer));
})();
"""


class Process:
    """Runs when it is asked to."""
    def __init__(self, *command):
        self.command = command
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self):
        """(processor seconds, seconds of the clock, steps)"""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline().split()
        if len(line) != 3:
            sys.exit(f"{self.command[0]} ended early")
        return float(line[0]), float(line[1]), int(line[2])

    def close(self):
        self.process.stdin.close()
        if self.process.wait():
            sys.exit(f"{self.command[0]} failed")


def timed(function):
    start = time.process_time()
    result = function()
    return time.process_time() - start, result


def difference(cell, module, head, hidden, layers, batch, record, x):
    """Largest differences of h of the top layer and of the last states of all."""
    def whole(m, x):
        h, last = m(x)
        last = torch.stack(last).flatten(0, 1) if cell == "lstm" else last
        return h.double(), last.double()
    S = hidden * layers * (2 if cell == "lstm" else 1)
    states = torch.from_numpy(record.reshape(LENGTH, batch, S)).double()
    ours = states[:, :, (layers - 1) * hidden:layers * hidden], states[-1].reshape(batch, -1, hidden).transpose(0, 1)
    single = whole(module, x)
    double = whole(module.double(), x.double())
    module.float()
    gap = lambda a, b: max((p - q).abs().max().item() for p, q in zip(a, b))
    return gap(ours, single), gap(ours, double), gap(single, double)


def cells(options):
    for cell in ("tanh", "gru", "lstm"):
        for hidden in (32, 64, 128, 256):
            for layers in (1, 2):
                for batch in (256, 1024):
                    if options.only in f"{cell} {hidden} {layers} {batch}" and not (options.quick and batch == 1024):
                        yield cell, hidden, layers, batch


def summary(ratios):
    print(f"\ngeometric mean {math.exp(sum(map(math.log, ratios)) / len(ratios)):.2f}, smallest {min(ratios):.2f}, of {len(ratios)}")


def record(options, folder):
    ratios = []
    print("| cell | hidden | layers | batch | PyTorch ms | rnnsafe ms | ratio | GFLOP/s | rnnsafe - PyTorch | rnnsafe - float64 | PyTorch - float64 |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for cell, hidden, layers, batch in cells(options):
        module, head = make(cell, hidden, layers)
        file, out = os.path.join(folder, "net.safetensors"), os.path.join(folder, "states")
        save(file, module, head)
        x = torch.nn.functional.one_hot(words(LENGTH, batch), SYMBOLS).float()
        ours = Process(options.program, file, cell, SYMBOLS, "record", LENGTH, batch, 1, out)
        module(x), ours.run()
        times = [(timed(lambda: module(x))[0], ours.run()[0]) for _ in range(options.repeat)]
        ours.close()
        theirs, mine = (min(column) for column in zip(*times))
        ratios.append(theirs / mine)
        gates = {"tanh": 1, "gru": 3, "lstm": 4}[cell]
        flops = 2 * LENGTH * batch * gates * hidden * hidden * (2 * layers - 1)
        gaps = difference(cell, module, head, hidden, layers, batch, numpy.fromfile(out, "<f4"), x)
        print(f"| {cell} | {hidden} | {layers} | {batch} | {1e3 * theirs:.2f} | {1e3 * mine:.2f} | {ratios[-1]:.2f} | "
              f"{1e-9 * flops / mine:.1f} | " + " | ".join(f"{gap:.1e}" for gap in gaps) + " |", flush=True)
    summary(ratios)


def onnx(options, folder):
    ratios = []
    print("| cell | hidden | layers | batch | ONNX Runtime ms | rnnsafe ms | ratio | largest difference |")
    print("|---|---|---|---|---|---|---|---|")
    for cell, hidden, layers, batch in cells(options):
        module, head = make(cell, hidden, layers)
        file, out, model, given, got = (os.path.join(folder, name) for name in ("net.safetensors", "states", "net.onnx", "input", "output"))
        save(file, module, head)
        x = torch.nn.functional.one_hot(words(LENGTH, batch), SYMBOLS).float()
        torch.onnx.export(module, (x,), model, input_names=["x"], output_names=["Y"], opset_version=14)
        x.numpy().astype("<f4").tofile(given)
        pair = (Process("node", "-e", ONNX, os.path.abspath(options.ort), model, given, json.dumps(list(x.shape)), got),
                Process(options.program, file, cell, SYMBOLS, "record", LENGTH, batch, 1, out))
        for process in pair:
            process.run()
        times = [[process.run()[0] for process in pair] for _ in range(options.repeat)]
        for process in pair:
            process.close()
        theirs, mine = (min(column) for column in zip(*times))
        ratios.append(theirs / mine)
        states = numpy.fromfile(out, "<f4").reshape(LENGTH, batch, -1)[:, :, (layers - 1) * hidden:layers * hidden]
        gap = numpy.abs(states - numpy.fromfile(got, "<f4").reshape(LENGTH, batch, hidden)).max()
        print(f"| {cell} | {hidden} | {layers} | {batch} | {1e3 * theirs:.2f} | {1e3 * mine:.2f} | {ratios[-1]:.2f} | {gap:.1e} |", flush=True)
    summary(ratios)


def single(options, folder):
    length = 2000
    for cell in ("tanh", "gru", "lstm"):
        module, head = make(cell, 50, 2)
        file = os.path.join(folder, "net.safetensors")
        save(file, module, head)
        x = torch.nn.functional.one_hot(words(length, 1), SYMBOLS).float()
        ours = Process(options.program, file, cell, SYMBOLS, "single", length)
        times = [(timed(lambda: module(x))[0], ours.run()[0]) for _ in range(options.repeat)]
        ours.close()
        theirs, mine = (1e6 / length * min(column) for column in zip(*times))
        print(f"{cell} 2x50, one word of {length}: PyTorch {theirs:.2f} us a step, rnnsafe {mine:.2f} us a step, ratio {theirs / mine:.1f}")


def tree(options, folder, longest=14):
    module, head = make("gru", 64, 1, 2)
    file = os.path.join(folder, "net.safetensors")
    save(file, module, head)
    batches = []
    for n in range(1, longest + 1):
        bits = (torch.arange(2 ** n)[None, :] >> torch.arange(n - 1, -1, -1)[:, None]) & 1
        batches.append(torch.nn.functional.one_hot(bits, 2).float())
    ours = Process(options.program, file, "gru", 2, "tree", longest)
    naive = lambda: [head(module(x)[0][-1]).argmax(1) for x in batches]
    times = [(timed(naive)[0], ours.run()) for _ in range(options.repeat)]
    ours.close()
    theirs, mine = min(t for t, _ in times), min(o[0] for _, o in times)
    steps = sum(x.shape[0] * x.shape[1] for x in batches)
    print(f"all words to length {longest}, GRU 64: PyTorch {1e3 * theirs:.1f} ms for {steps} steps, rnnsafe {1e3 * mine:.1f} ms for {times[0][1][2]} "
          f"steps, ratio {theirs / mine:.1f}")


def threads(options, folder):
    for cell, hidden, layers, batch in (("gru", 64, 1, 256), ("gru", 64, 1, 1024), ("lstm", 128, 2, 1024)):
        module, head = make(cell, hidden, layers)
        file = os.path.join(folder, "net.safetensors")
        save(file, module, head)
        pair = [Process(options.program, file, cell, SYMBOLS, "record", LENGTH, batch, n) for n in (1, 2)]
        times = [[ours.run()[1] for ours in pair] for _ in range(2 * options.repeat)]
        for ours in pair:
            ours.close()
        one, two = (1e3 * min(column) for column in zip(*times))
        print(f"{cell} {hidden} x {layers}, batch {batch}: one thread {one:.2f} ms, two {two:.2f} ms, ratio {one / two:.2f} (load {os.getloadavg()[0]:.1f})")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/benchmarks/bench_forward")
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--only", default="")
    parser.add_argument("--quick", action="store_true", help="batch 256 alone")
    parser.add_argument("--what", default="record,single,tree,threads")
    parser.add_argument("--ort", default=".", help="the folder that holds node_modules/onnxruntime-node")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", module="torch.onnx")
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        for what in options.what.split(","):
            {"record": record, "single": single, "tree": tree, "threads": threads, "onnx": onnx}[what](options, folder)


main()
