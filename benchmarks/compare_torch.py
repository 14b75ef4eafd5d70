#!/usr/bin/env python3
"""Runs every network of a folder with PyTorch and with rnnsafe on the same words and compares the logits.

    compare_torch.py FOLDER [--program build/release/benchmarks/bench_logits] [--words 200] [--only TEXT] [-v]

FOLDER holds manifest.csv with the columns file, cell, layers, hidden, inputs, classes, and state_dicts whose keys are rnn.* and
fc.*. Prints the largest difference of a logit, and how many classes differ where PyTorch's two best logits are more than 1e-4
apart. Both in units of the word's scale, max(1, largest logit): a ReLU network that was trained on short words may reach 1e24 on
long ones, where float32 has no absolute 1e-4. A chaotic network amplifies every rounding, PyTorch's too: where a difference is
above 1e-4, 500 words of length 100 tell whether rnnsafe's median distance from PyTorch's float64 is at most 1.5 times that of
PyTorch's float32. Exit code 1 when it is more, a clear class differs, or a network does not load.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile

import numpy
import torch

LIMIT = 1e-4


class Network(torch.nn.Module):
    def __init__(self, cell, layers, hidden, inputs, classes):
        super().__init__()
        if cell in ("relu", "tanh"):
            self.rnn = torch.nn.RNN(inputs, hidden, layers, nonlinearity=cell, batch_first=True)
        else:
            self.rnn = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[cell](inputs, hidden, layers, batch_first=True)
        self.fc = torch.nn.Linear(hidden, classes)
        self.inputs = inputs

    def forward(self, words):
        """Logits after the last symbol of each word, in the precision of the weights."""
        longest = max(len(word) for word in words)
        symbols = torch.zeros(len(words), longest, dtype=torch.long)
        for row, word in zip(symbols, words):
            row[: len(word)] = torch.from_numpy(word)
        states, _ = self.rnn(torch.nn.functional.one_hot(symbols, self.inputs).to(self.fc.weight.dtype))
        last = torch.tensor([len(word) - 1 for word in words])
        return self.fc(states[torch.arange(len(words)), last])


def random_words(random, inputs, count):
    """`count` words of lengths 1..16 and five of length 100."""
    lengths = list(random.randint(1, 17, size=count)) + [100] * 5
    return [random.randint(inputs, size=length) for length in lengths]


def names(letter, count):
    return " ".join(f"{letter}{i}" for i in range(count))


def with_torch(path, row, words, exact=False):
    """Logits in float32, and in float64 when `exact`."""
    net = Network(row["cell"], *(int(row[key]) for key in ("layers", "hidden", "inputs", "classes")))
    net.load_state_dict(torch.load(path, map_location="cpu"))
    net.eval()
    with torch.no_grad():
        return net(words).numpy(), net.double()(words).numpy() if exact else None


def with_rnnsafe(program, path, row, words, folder):
    inputs, classes = int(row["inputs"]), int(row["classes"])
    file = os.path.join(folder, "words")
    with open(file, "w") as out:
        for word in words:
            out.write(" ".join(f"s{symbol}" for symbol in word) + "\n")
    command = [program, path, file, "--binary", "--alphabet", names("s", inputs), "--outputs", names("c", classes)]
    done = subprocess.run(command + ["--cell", row["cell"]], capture_output=True)
    if done.returncode:
        raise RuntimeError(done.stderr.decode().strip())
    return numpy.frombuffer(done.stdout, dtype=numpy.float32).reshape(len(words), -1)


def scales(logits):
    return numpy.maximum(1, numpy.abs(logits).max(axis=1))


def differences(expected, got):
    """The largest difference of a logit for each word, in units of the word's scale."""
    return numpy.abs(expected - got).max(axis=1) / scales(expected)


def class_counts(expected, got):
    """The numbers of clear classes and of those that differ."""
    best = numpy.sort(expected, axis=1)
    clear = best[:, -1] - best[:, -2] > LIMIT * scales(expected)
    wrong = clear & (expected.argmax(axis=1) != got.argmax(axis=1))
    return int(clear.sum()), int(wrong.sum())


def chaotic(program, path, row, random, folder):
    """Whether rounding alone explains the difference: rnnsafe is about as far from float64 as PyTorch's float32 is."""
    words = [random.randint(int(row["inputs"]), size=100) for _ in range(500)]
    expected, exact = with_torch(path, row, words, exact=True)
    theirs = numpy.median(differences(exact, expected))
    ours = numpy.median(differences(exact, with_rnnsafe(program, path, row, words, folder)))
    print(f"  median distance from float64 on 500 words of length 100: PyTorch {theirs:.3g}, rnnsafe {ours:.3g}")
    return ours <= 1.5 * theirs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--program", default="build/release/benchmarks/bench_logits")
    parser.add_argument("--words", type=int, default=200)
    parser.add_argument("--only", default="", help="networks whose file contains this text")
    parser.add_argument("-v", action="store_true", help="a line for each network")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    random = numpy.random.RandomState(1)
    results, failed, clear, wrong, words_run, beyond = [], 0, 0, 0, 0, 0
    with open(os.path.join(arguments.folder, "manifest.csv")) as manifest:
        rows = [row for row in csv.DictReader(manifest) if arguments.only in row["file"]]
    with tempfile.TemporaryDirectory() as folder:
        for row in rows:
            path = os.path.join(arguments.folder, row["file"])
            words = random_words(random, int(row["inputs"]), arguments.words)
            try:
                expected, _ = with_torch(path, row, words)
                got = with_rnnsafe(arguments.program, path, row, words, folder)
            except RuntimeError as error:
                print(f"{row['file']}: {error}", file=sys.stderr)
                failed += 1
                continue
            largest = differences(expected, got).max()
            sure, other = class_counts(expected, got)
            results.append((largest, row["file"]))
            clear, wrong, words_run = clear + sure, wrong + other, words_run + len(words)
            if arguments.v or not largest <= LIMIT or other:
                print(f"{row['file']}: largest difference {largest:.3g}, {other} of {sure} clear classes differ")
            if not largest <= LIMIT:  # NaN counts
                beyond += not chaotic(arguments.program, path, row, random, folder)
    print(f"{len(rows)} networks, {failed} failed, {words_run} words")
    if results:
        results.sort(reverse=True)
        print(f"largest difference {results[0][0]:.3g} ({results[0][1]}), median {results[len(results) // 2][0]:.3g}; "
              f"{sum(r[0] > LIMIT for r in results)} above {LIMIT:g}, {beyond} of them not by rounding alone")
        print(f"{wrong} of {clear} clear classes differ")
    return 1 if failed or wrong or beyond or not results else 0


if __name__ == "__main__":
    sys.exit(main())
