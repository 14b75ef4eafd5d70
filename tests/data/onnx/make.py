#!/usr/bin/python3
"""Writes the models of this folder, with PyTorch's exporter (made with 1.13) and by hand with onnx (1.12), and expected.txt, what ONNX
Runtime (1.30) says about them: run it with ORT=FOLDER, in which `npm install --ignore-scripts onnxruntime-node` was run.

Layout 1, which ONNX Runtime does not compute, is expected to be what its twin with layout 0 is.

expected.txt, fields separated by tabs:
    network FILE CELL SYMBOLS ENDING   CELL as the reader must call it, SYMBOLS of the alphabet, and what the model does to logits at
                                       its end: none, softmax, log_softmax, sigmoid
    outputs WORD VALUES...             after each symbol of the word, or after the last one; symbols are indices
"""
import json
import os
import subprocess
import tempfile

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
WORD = [0, 2, 1, 1, 0, 1, 2, 2, 0, 1]
OUT, JOBS = [], []

RUN = r"""
const ort = require(process.argv[2] + '/node_modules/onnxruntime-node');
(async () => {
  const out = [];
  for (const job of JSON.parse(require('fs').readFileSync(process.argv[3]))) {
    const s = await ort.InferenceSession.create(job.file);
    const data = job.type == 'int64' ? BigInt64Array.from(job.data.map(BigInt)) : job.type == 'int32' ? Int32Array.from(job.data) : Float32Array.from(job.data);
    const r = await s.run({[s.inputNames[0]]: new ort.Tensor(job.type, data, job.shape)});
    out.push(Array.from(r[s.outputNames[0]].data, Number));
  }
  console.log(JSON.stringify(out));
})();
"""


def expect(file, cell, batch_first, input_type, ending="none", symbols=3):
    """Asks for the outputs of a model; all steps come out, or the last one alone, as they are in memory for a batch of one."""
    word = [s % symbols for s in WORD]
    if input_type == "onehot":
        data, shape, kind = np.eye(symbols)[word].flatten().tolist(), [len(word), symbols], "float32"
        shape = [1] + shape if batch_first else [len(word), 1, symbols]
    else:
        data, kind, shape = word, input_type, [1, len(word)] if batch_first else [len(word), 1]
    JOBS.append({"file": os.path.join(HERE, file), "type": kind, "data": data, "shape": shape})
    OUT.append((file, cell, symbols, ending, word))


# ---- By PyTorch ----

class Model(nn.Module):
    def __init__(self, cell, layers=1, batch_first=True, embedding=False, last=None, deep=False, onehot=False, initial=False,
                 ending=None, outputs=2, **more):
        super().__init__()
        self.embedding = nn.Embedding(3, 2) if embedding else None
        self.rnn = cell(2 if embedding else 3, 2, layers, batch_first=batch_first, **more)
        self.h0 = nn.Parameter(torch.randn(layers, 1, 2)) if initial else None
        self.head = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Dropout(), nn.Linear(3, outputs)) if deep else nn.Linear(2, outputs)
        self.batch_first, self.last, self.onehot, self.ending, self.lstm = batch_first, last, onehot, ending, cell is nn.LSTM

    def forward(self, x):
        if self.embedding:
            x = self.embedding(x)
        if self.onehot:
            x = nn.functional.one_hot(x, 3).float()
        state = None
        if self.h0 is not None:
            state = self.h0.expand(-1, x.size(0 if self.batch_first else 1), -1).contiguous()
            state = (state, 0.5 * state) if self.lstm else state
        y, h = self.rnn(x, state)
        if self.last == "y":
            y = y[:, -1] if self.batch_first else y[-1]
        elif self.last == "h":
            y = h[0][-1] if self.lstm else h[-1]
        y = self.head(y)
        return self.ending(y) if self.ending else y


ENDINGS = {None: "none", torch.sigmoid: "sigmoid"}


def log_softmax(y):
    return torch.log_softmax(y, -1)


ENDINGS[log_softmax] = "log_softmax"


def export(file, cell, model, input_type="onehot", static=False, **options):
    x = torch.randn(4, 4, 3) if input_type == "onehot" else torch.randint(0, 3, (4, 4))
    axes = None if static else {"x": {0: "a", 1: "b"}}
    if static:
        x = x[:1, :4] if model.batch_first else x[:4, :1]
    path = os.path.join(HERE, file)
    torch.onnx.export(model.eval(), x, path, input_names=["x"], output_names=["y"], dynamic_axes=axes, **options)
    proto = onnx.load(path)
    for node in proto.graph.node:
        node.doc_string = ""
    onnx.save(proto, path)
    global WORD
    whole, WORD = WORD, WORD[:4] if static else WORD  # the static file is for words of four symbols
    expect(file, cell, model.batch_first, input_type, ENDINGS[model.ending])
    WORD = whole


torch.manual_seed(1)
export("torch_gru.onnx", "gru", Model(nn.GRU))
export("torch_gru_2_last_h.onnx", "gru", Model(nn.GRU, layers=2, last="h", deep=True))
export("torch_gru_initial.onnx", "gru", Model(nn.GRU, layers=2, initial=True, batch_first=False))
export("torch_gru_static.onnx", "gru", Model(nn.GRU, batch_first=True), static=True)
export("torch_gru_unfolded.onnx", "gru", Model(nn.GRU), do_constant_folding=False)
export("torch_gru_without_bias_9.onnx", "gru", Model(nn.GRU, bias=False, ending=torch.sigmoid, outputs=1), opset_version=9)
export("torch_lstm_2_last_y.onnx", "lstm", Model(nn.LSTM, layers=2, last="y", ending=log_softmax, outputs=3))
export("torch_lstm_initial.onnx", "lstm", Model(nn.LSTM, initial=True, last="h", outputs=3))
export("torch_tanh_embedding.onnx", "tanh", Model(nn.RNN, embedding=True, last="y", batch_first=False), "int64")
export("torch_relu_onehot.onnx", "relu", Model(nn.RNN, onehot=True, nonlinearity="relu"), "int64")
export("torch_lstm_embedding_16.onnx", "lstm", Model(nn.LSTM, embedding=True, deep=True, batch_first=False), "int64", opset_version=16)


# ---- By hand ----

RANDOM = np.random.RandomState(1)


def random(*shape):
    return RANDOM.uniform(-1, 1, shape).astype(np.float32)


def initializer(name, values):
    return values if isinstance(values, onnx.TensorProto) else numpy_helper.from_array(np.asarray(values), name)


def node(kind, inputs, outputs, **attributes):
    return helper.make_node(kind, inputs, outputs, name=kind + "_" + outputs[-1], **attributes)


def save(file, nodes, constants, inputs="TB3", output="y", opset=14, producer="", version="", kind=TensorProto.FLOAT, external=None, ir=7):
    shape = [{"T": "steps", "B": "batch"}.get(c, c if not c.isdigit() else int(c)) for c in inputs]
    graph = helper.make_graph(nodes, "hand", [helper.make_tensor_value_info("x", kind, shape)],
                              [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
                              [initializer(k, v) for k, v in constants.items()])
    model = helper.make_model(graph, producer_name=producer, producer_version=version,
                              opset_imports=[helper.make_opsetid("", opset)], ir_version=ir)
    with open(os.path.join(HERE, file), "wb") as f:
        f.write(model.SerializeToString())


GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


def weights(kind, width=3, hidden=2):
    g = GATES[kind]
    return {"W": random(1, g * hidden, width), "R": random(1, g * hidden, hidden), "B": random(1, 2 * g * hidden)}


def single(file, kind, cell, more=(), constants=None, batch_first=False, opset=14, change=None, **attributes):
    """One recurrent node, squeezed, and a head of MatMul and Add."""
    w = weights(kind)
    w.update(constants or {})
    w.update({"V": random(2, 2), "b": random(2)})
    if change:
        w.update({k: change(k, v) for k, v in w.items()})
    axis = 2 if batch_first else 1
    squeeze = node("Squeeze", ["Y", "axes"], ["h"]) if opset >= 13 else node("Squeeze", ["Y"], ["h"], axes=[axis])
    if opset >= 13:
        w["axes"] = np.array([axis], np.int64)
    nodes = [node(kind, ["x", "W", "R", "B"] + list(more), ["Y"], hidden_size=2, **attributes), squeeze,
             node("MatMul", ["h", "V"], ["v"]), node("Add", ["v", "b"], ["y"])]
    save(file, nodes, w, inputs="BT3" if batch_first else "TB3", opset=opset)
    expect(file, cell, batch_first, "onehot")


single("gru_before.onnx", "GRU", "gru-before", linear_before_reset=0)
single("gru_after.onnx", "GRU", "gru", linear_before_reset=1)
single("gru_hard_sigmoid.onnx", "GRU", "gru", linear_before_reset=1, activations=["HardSigmoid", "Tanh"], activation_alpha=[0.3],
       activation_beta=[0.5])
single("lstm_hard_sigmoid_7.onnx", "LSTM", "lstm", activations=["HardSigmoid", "Tanh", "Tanh"], opset=7)
single("lstm_peephole.onnx", "LSTM", "lstm-peephole", ["", "h0", "c0", "P"], {"h0": random(1, 1, 2), "c0": random(1, 1, 2), "P": random(1, 6)})
single("lstm_coupled.onnx", "LSTM", "lstm-peephole", ["", "", "c0", "P"], {"c0": random(1, 1, 2), "P": random(1, 6)}, input_forget=1)
single("rnn_sigmoid.onnx", "RNN", "sigmoid", ["", "h0"], {"h0": random(1, 1, 2)}, activations=["Sigmoid"])
single("rnn_relu.onnx", "RNN", "relu", activations=["Relu"])

state = RANDOM.get_state()
single("lstm_layout_0.onnx", "LSTM", "lstm", ["", "h0", "c0"], {"h0": random(1, 1, 2), "c0": random(1, 1, 2)})
RANDOM.set_state(state)
single("lstm_layout_1.onnx", "LSTM", "lstm", ["", "h0", "c0"], {"h0": random(1, 1, 2), "c0": random(1, 1, 2)}, batch_first=True, layout=1)
JOBS[-1] = JOBS[-2]  # a batch of one has the same bytes either way


def typed(kind):
    def change(name, values):
        if values.dtype != np.float32:
            return values
        flat = values.flatten()
        if kind == TensorProto.FLOAT:
            return helper.make_tensor(name, kind, values.shape, flat.tolist())
        return helper.make_tensor(name, kind, values.shape, flat.astype(np.float64).tolist())
    return change


single("gru_float_data.onnx", "GRU", "gru", linear_before_reset=1, change=typed(TensorProto.FLOAT))


def cast_from(file, kind, make):
    """Weights of another type, cast to float."""
    w = dict(weights("GRU"), V=random(2, 2), b=random(2))
    nodes = [node("Cast", [k + "_"], [k], to=TensorProto.FLOAT) for k in w]
    nodes += [node("GRU", ["x", "W", "R", "B"], ["Y"], hidden_size=2, linear_before_reset=1), node("Squeeze", ["Y", "axes"], ["h"]),
              node("MatMul", ["h", "V"], ["v"]), node("Add", ["b", "v"], ["y"])]
    constants = {k + "_": make(k + "_", v) for k, v in w.items()}
    constants["axes"] = helper.make_tensor("axes", TensorProto.INT64, [1], [1])
    save(file, nodes, constants)
    expect(file, "gru", False, "onehot")


cast_from("gru_float16.onnx", TensorProto.FLOAT16, lambda k, v: v.astype(np.float16))
cast_from("gru_float16_data.onnx", TensorProto.FLOAT16, lambda k, v: helper.make_tensor(k, TensorProto.FLOAT16, v.shape, v.flatten().tolist()))
cast_from("gru_double.onnx", TensorProto.DOUBLE, lambda k, v: v.astype(np.float64))
cast_from("gru_double_data.onnx", TensorProto.DOUBLE, lambda k, v: helper.make_tensor(k, TensorProto.DOUBLE, v.shape, v.flatten().tolist()))


def bfloat16(k, v):
    t = TensorProto(name=k, data_type=TensorProto.BFLOAT16, dims=v.shape)
    t.raw_data = (v.view(np.uint32) >> 16).astype(np.uint16).tobytes()
    return t


cast_from("gru_bfloat16.onnx", TensorProto.BFLOAT16, bfloat16)

# External data: two tensors in one file, at offsets.
w = dict(weights("LSTM"), V=random(2, 2), b=random(2))
blob, constants = b"", {"shape": np.array([0, 0, -1], np.int64)}
for k, v in w.items():
    t = TensorProto(name=k, data_type=TensorProto.FLOAT, dims=v.shape, data_location=TensorProto.EXTERNAL)
    for key, value in (("location", "lstm_external.bin"), ("offset", len(blob)), ("length", v.nbytes)):
        t.external_data.add(key=key, value=str(value))
    blob += v.tobytes() + b"\0" * 4
    constants[k] = t
with open(os.path.join(HERE, "lstm_external.bin"), "wb") as f:
    f.write(blob)
save("lstm_external.onnx",
     [node("LSTM", ["x", "W", "R", "B"], ["Y"], hidden_size=2), node("Transpose", ["Y"], ["Z"], perm=[0, 2, 1, 3]),
      node("Reshape", ["Z", "shape"], ["h"]), node("MatMul", ["h", "V"], ["v"]), node("Add", ["v", "b"], ["y"])], constants)
expect("lstm_external.onnx", "lstm", False, "onehot")

# As tf2onnx writes Keras: an embedding by a float input, Transpose, last step by Y_h, Gemm-free head, Softmax.
w = dict(weights("GRU", width=2), E=random(3, 2), V=random(2, 2), b=random(2), zero=np.array([0], np.int64))
save("keras_gru_embedding.onnx",
     [node("Cast", ["x"], ["i"], to=TensorProto.INT32), node("Gather", ["E", "i"], ["e"], axis=0),
      node("Transpose", ["e"], ["t"], perm=[1, 0, 2]), node("GRU", ["t", "W", "R", "B"], ["", "Y_h"], hidden_size=2, linear_before_reset=1),
      node("Squeeze", ["Y_h", "zero"], ["h"]), node("MatMul", ["h", "V"], ["v"]), node("Add", ["v", "b"], ["a"])]
     + [node("Softmax", ["a"], ["y"])], w, inputs="BT", producer="tf2onnx", version="1.16.1")
expect("keras_gru_embedding.onnx", "gru", True, "float32", "softmax")

# As exporters that go through dynamo lay a GRU out: weights in PyTorch's order, permuted in the graph; zeros expanded to the batch.
def slices(name, parts):
    """The three gates of a tensor of PyTorch."""
    return [node("Slice", [name, "i%d" % (2 * g), "i%d" % (2 * g + 2), "i0", "i1"], [name + part]) for g, part in enumerate(parts)]


w = {"wih": random(6, 3), "whh": random(6, 2), "bih": random(6), "bhh": random(6), "V": random(2, 2), "b": random(2),
     "zero": np.array([0], np.float32), "last": np.array([-1], np.int64), "end": np.array([2**63 - 1], np.int64)}
nodes = [node("Shape", ["x"], ["batch"], start=0, end=1), node("Concat", ["i1", "batch", "i2"], ["size"], axis=0),
         node("Expand", ["zero", "size"], ["h0"])]
for k in ("wih", "whh", "bih", "bhh"):
    nodes += slices(k, "rzn") + [node("Concat", [k + "z", k + "r", k + "n"], [k + "_"], axis=0), node("Unsqueeze", [k + "_", "i0"], [k + "1"])]
nodes += [node("Concat", ["bih1", "bhh1"], ["B"], axis=1), node("Slice", ["h0", "i0", "i1", "i0"], ["h"]),
          node("Transpose", ["x"], ["t"], perm=[1, 0, 2]),
          node("GRU", ["t", "wih1", "whh1", "B", "", "h"], ["Y", "Y_h"], hidden_size=2, linear_before_reset=1),
          node("Squeeze", ["Y", "i1"], ["s"]), node("Transpose", ["s"], ["f"], perm=[1, 0, 2]),
          node("Slice", ["f", "last", "end", "i1", "i1"], ["l"]), node("Squeeze", ["l", "i1"], ["q"]),
          node("Gemm", ["q", "V", "b"], ["y"], transB=1, alpha=0.5, beta=2.0)]
w.update({"i%d" % i: np.array([i], np.int64) for i in (0, 1, 2, 4, 6)})
save("dynamo_gru.onnx", nodes, w, inputs="BT3", producer="pytorch", version="2.10.0", opset=18, ir=8)
expect("dynamo_gru.onnx", "gru", True, "onehot")


# A bias that is folded from constants: slices backwards, negative indices, broadcasts, conditions.
w = dict(weights("GRU"), V=random(2, 2), axes=np.array([1], np.int64), a=random(4, 3), o=random(1), k=np.array([1, 2]), l=np.array([1, 3]),
         s=np.array([2**63 - 1, -1]), e=np.array([-2**63, -3]), x01=np.array([0, 1]), st=np.array([-2, -2]), r=np.array([-1]), g=np.array(-2),
         n=np.array([2]))
save("gru_folds.onnx",
     [node("Slice", ["a", "s", "e", "x01", "st"], ["c"]), node("Reshape", ["c", "r"], ["d"]), node("Gather", ["a", "g"], ["row"], axis=1),
      node("Gather", ["row", "g"], ["number"]), node("Mul", ["d", "number"], ["m"]), node("Equal", ["k", "l"], ["q"]),
      node("ConstantOfShape", ["n"], ["two"], value=numpy_helper.from_array(np.array([2], np.int64))),
      node("Cast", ["two"], ["twos"], to=TensorProto.FLOAT), node("Div", ["m", "twos"], ["half"]), node("Where", ["q", "half", "o"], ["b"]),
      node("GRU", ["x", "W", "R", "B"], ["Y"], hidden_size=2, linear_before_reset=1), node("Squeeze", ["Y", "axes"], ["h"]),
      node("MatMul", ["h", "V"], ["v"]), node("Add", ["v", "b"], ["y"])], w)
expect("gru_folds.onnx", "gru", False, "onehot")


# ---- What ONNX Runtime says ----

with tempfile.NamedTemporaryFile("w", suffix=".js") as program, tempfile.NamedTemporaryFile("w", suffix=".json") as jobs:
    program.write(RUN)
    program.flush()
    json.dump(JOBS, jobs)
    jobs.flush()
    answers = json.loads(subprocess.run(["node", program.name, os.environ["ORT"], jobs.name], check=True, stdout=subprocess.PIPE).stdout)

with open(os.path.join(HERE, "expected.txt"), "w") as f:
    for (file, cell, symbols, ending, word), values in zip(OUT, answers):
        f.write("network\t%s\t%s\t%d\t%s\n" % (file, cell, symbols, ending))
        f.write("outputs\t%s\t%s\n" % (" ".join(map(str, word)), "\t".join("%.9g" % v for v in values)))
