#!/usr/bin/python3
"""Writes text files as DyNet's TextFileSaver writes them, after its source (no DyNet ran), and expected.txt
(tests/unit/support/golden.h): the logits of the equations of each builder, in float64 from the values of the file."""
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = []
random = np.random.default_rng(2)


def s(x):
    return 1 / (1 + np.exp(-x))


class Collection:
    """Parameters in the order of their creation, float32."""

    def __init__(self):
        self.parameters, self.lookups, self.names = [], [], 0

    def add(self, *shape):
        self.parameters.append(("/_%d" % self.names, (random.normal(size=shape) * 0.6).astype("f4")))
        self.names += 1
        return self.parameters[-1][1].astype("f8")

    def add_lookup(self, symbols, width):
        self.lookups.append(("/_%d" % self.names, random.normal(size=(symbols, width)).astype("f4")))
        self.names += 1
        return self.lookups[-1][1].astype("f8")

    def save(self, file, gradients=False):
        with open(os.path.join(HERE, file), "w", newline="\n") as f:
            for kind, block in [("Parameter", p) for p in self.parameters] + [("LookupParameter", p) for p in self.lookups]:
                name, values = block
                shape = values.shape[::-1] if kind == "LookupParameter" else values.shape
                order = "C" if kind == "LookupParameter" else "F"
                size = values.size * 16 + 1
                f.write("#%s# %s {%s} %d %s\n" % (kind, name, ",".join(map(str, shape)), size * 2 if gradients else size,
                                                  "FULL_GRAD" if gradients else "ZERO_GRAD"))
                f.write("".join("%+.8e " % v for v in values.flatten(order)) + "\n")
                if gradients:
                    f.write("".join("%+.8e " % v for v in random.normal(size=values.size)) + "\n")


def triples(pc, gates, inputs, hidden):
    return [(pc.add(hidden, inputs), pc.add(hidden, hidden), pc.add(hidden)) for _ in range(gates)]


def gate(triple, x, h):
    w, u, b = triple
    return w @ x + u @ h + b


class GruWithoutReset:
    def __init__(self, pc, inputs, hidden):
        self.z, self.r, self.n = triples(pc, 3, inputs, hidden)
        self.h = pc.add(hidden)

    def step(self, x):
        z, n = s(gate(self.z, x, self.h)), np.tanh(gate(self.n, x, self.h))
        self.h = z * self.h + (1 - z) * n
        return self.h


class Lstm:
    def __init__(self, pc, inputs, hidden):
        self.i, self.f, self.o, self.g = triples(pc, 4, inputs, hidden)
        self.h, self.c = pc.add(hidden), pc.add(hidden)

    def step(self, x):
        i, f, o = (s(gate(t, x, self.h)) for t in (self.i, self.f, self.o))
        self.c = self.c * f + np.tanh(gate(self.g, x, self.h)) * i
        self.h = np.tanh(self.c) * o
        return self.h


class GruBuilder:
    def __init__(self, pc, inputs, hidden):
        self.z, self.r, self.n = triples(pc, 3, inputs, hidden)
        self.h = np.zeros(hidden)

    def step(self, x):
        z, r = s(gate(self.z, x, self.h)), s(gate(self.r, x, self.h))
        n = np.tanh(gate(self.n, x, r * self.h))
        self.h = (1 - z) * self.h + z * n
        return self.h


def write(file, cell, symbols, width, hidden, classes, layers, alphabet, outputs, head_first=True, gradients=False):
    pc = Collection()
    inputs = pc.add_lookup(symbols, width) if width else np.eye(symbols)
    head = (pc.add(classes, hidden), pc.add(classes)) if head_first else None
    network = [cell(pc, hidden if k else width or symbols, hidden) for k in range(layers)]
    head = head or (pc.add(classes, hidden), pc.add(classes))
    pc.save(file, gradients)
    OUT.append(["network", file, alphabet, outputs, "-"])
    word, logits = [(i * i + i // 3) % symbols for i in range(8)], []
    for symbol in word:
        x = inputs[symbol]
        for layer in network:
            x = layer.step(x)
        logits += list(head[0] @ x + head[1])
    OUT.append(["logits", " ".join(map(str, word))] + ["%.9g" % v for v in logits])


write("gru_without_reset.txt", GruWithoutReset, 2, 3, 4, 2, 2, "0 1", "accept reject")
write("lstm.txt", Lstm, 3, 2, 3, 2, 2, "a b c", "accept reject")
write("lstm_one_layer_gradients.txt", Lstm, 3, 3, 3, 3, 1, "a b c", "x y z", gradients=True)
write("gru_builder.txt", GruBuilder, 4, 2, 3, 2, 2, "u d l r", "no yes")
write("gru_builder_head_last.txt", GruBuilder, 3, 3, 3, 3, 1, "a b c", "x y z", head_first=False)
write("gru_builder_onehot.txt", GruBuilder, 2, 0, 2, 1, 1, "0 1", "no yes")

with open(os.path.join(HERE, "expected.txt"), "w") as f:
    for line in OUT:
        f.write("\t".join(line) + "\n")
