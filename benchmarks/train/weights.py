"""The weights file and the network that it stands for: a writer and a reader of safetensors, and the forward pass in numpy.

The forward pass shares nothing with the training code, so what check.py measures is what a reader of the file gets.
"""

import json
import struct

import numpy


def write(path, tensors):
    """safetensors: the header's length (8 bytes, little-endian), the header (JSON), the numbers (little-endian float32)."""
    header, chunks, offset = {}, [], 0
    for name, tensor in tensors.items():
        chunk = numpy.ascontiguousarray(tensor, dtype="<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(chunk)]}
        chunks.append(chunk)
        offset += len(chunk)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(chunks))


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    size = struct.unpack("<Q", data[:8])[0]
    body = data[8 + size:]
    tensors = {}
    for name, entry in json.loads(data[8:8 + size]).items():
        first, last = entry["data_offsets"]
        tensors[name] = numpy.frombuffer(body[first:last], dtype="<f4").reshape(entry["shape"])
    return tensors


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


class Network:
    """A row of states is h of every layer and, for LSTM, then c of every layer."""

    def __init__(self, folder, name):
        with open("%s/%s.json" % (folder, name)) as file:
            self.card = json.load(file)
        self.tensors = t = read("%s/%s.safetensors" % (folder, name))
        self.cell = self.card["cell"]
        self.hidden = t["rnn.weight_hh_l0"].shape[1]
        self.layers = sum(key.startswith("rnn.weight_hh_l") for key in t)
        symbols = len(self.card["alphabet"])
        self.input = t["emb.weight"] if self.card["input"] == "embedding" else numpy.eye(symbols, dtype="f4")
        self.head = self.card.get("head", [{"weight": "fc.weight", "bias": "fc.bias", "activation": "none"}])
        parts = self.layers * (2 if self.cell == "lstm" else 1)
        self.initial = numpy.zeros(parts * self.hidden, dtype="f4")
        if "initial" in self.card:
            self.initial = numpy.concatenate([t[key].reshape(-1) for key in self.card["initial"].values()])

    def parameters(self):
        return sum(tensor.size for tensor in self.tensors.values())

    def step(self, states, symbols, block=16384):
        after = [self.step_block(states[i:i + block], symbols[i:i + block]) for i in range(0, len(states), block)]
        return numpy.concatenate(after)

    def step_block(self, states, symbols):
        x, hidden, cells = self.input[symbols], [], []
        for layer in range(self.layers):
            weight = lambda key: self.tensors["rnn.%s_l%d" % (key, layer)]
            h = states[:, layer * self.hidden:(layer + 1) * self.hidden]
            a = x @ weight("weight_ih").T + weight("bias_ih")
            b = h @ weight("weight_hh").T + weight("bias_hh")
            if self.cell == "relu":
                x = numpy.maximum(a + b, 0)
            elif self.cell == "tanh":
                x = numpy.tanh(a + b)
            elif self.cell == "gru":
                ar, az, an = numpy.split(a, 3, axis=1)
                br, bz, bn = numpy.split(b, 3, axis=1)
                n, z = numpy.tanh(an + sigmoid(ar + br) * bn), sigmoid(az + bz)
                x = n + z * (h - n)
            else:
                c = states[:, (self.layers + layer) * self.hidden:(self.layers + layer + 1) * self.hidden]
                i, f, g, o = numpy.split(a + b, 4, axis=1)
                c = sigmoid(f) * c + sigmoid(i) * numpy.tanh(g)
                x = sigmoid(o) * numpy.tanh(c)
                cells.append(c)
            hidden.append(x)
        return numpy.concatenate(hidden + cells, axis=1)

    def classify(self, states):
        """Classes, and the margin of each: best logit less second best, or the one logit's distance from its threshold."""
        y = states[:, (self.layers - 1) * self.hidden:self.layers * self.hidden]
        for dense in self.head:
            y = y @ self.tensors[dense["weight"]].T + self.tensors[dense["bias"]]
            if dense["activation"] == "relu":
                y = numpy.maximum(y, 0)
            elif dense["activation"] == "tanh":
                y = numpy.tanh(y)
        if y.shape[1] == 1:
            distance = y[:, 0] - numpy.float32(self.card.get("threshold", 0))
            return (distance > 0).astype(int), numpy.abs(distance)
        best = numpy.sort(y, axis=1)
        return y.argmax(axis=1), best[:, -1] - best[:, -2]
