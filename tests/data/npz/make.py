#!/usr/bin/python3
"""Writes the archives of this folder with numpy, and expected.txt (tests/unit/support/golden.h), whose logits are those of
PyTorch's equations, computed here in float64 from the float32 values."""
import io
import json
import os
import struct
import zipfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = []
random = np.random.default_rng(1)


def s(x):
    return 1 / (1 + np.exp(-x))


def run(cell, arrays, word, symbols):
    """Logits after each symbol."""
    a = {k: np.asarray(v, "f4").astype("f8") for k, v in arrays.items()}
    layers = sum("weight_hh" in k for k in a)
    hidden = a["rnn.weight_hh_l0"].shape[1]
    inputs = a.get("embedding", np.eye(symbols))
    h = list(a.get("h0", np.zeros((layers, hidden))))
    c = list(a.get("c0", np.zeros((layers, hidden))))
    out = []
    for symbol in word:
        x = inputs[symbol]
        for k in range(layers):
            i = a["rnn.weight_ih_l%d" % k] @ x + a.get("rnn.bias_ih_l%d" % k, 0)
            u = a["rnn.weight_hh_l%d" % k] @ h[k] + a.get("rnn.bias_hh_l%d" % k, 0)
            n = hidden
            if cell == "gru":
                r, z = s(i[:n] + u[:n]), s(i[n:2 * n] + u[n:2 * n])
                new = np.tanh(i[2 * n:] + r * u[2 * n:])
                h[k] = (1 - z) * new + z * h[k]
            elif cell == "lstm":
                g = i + u
                c[k] = s(g[n:2 * n]) * c[k] + s(g[:n]) * np.tanh(g[2 * n:3 * n])
                h[k] = s(g[3 * n:]) * np.tanh(c[k])
            else:
                h[k] = np.tanh(i + u) if cell == "tanh" else np.maximum(i + u, 0)
            x = h[k]
        out.append(a["fc.weight"] @ x + a["fc.bias"])
    return np.concatenate(out)


def network(gates, inputs, hidden, classes, layers=1, **more):
    arrays = {}
    for k in range(layers):
        arrays["rnn.weight_ih_l%d" % k] = (gates * hidden, hidden if k else inputs)
        arrays["rnn.weight_hh_l%d" % k] = (gates * hidden, hidden)
        arrays["rnn.bias_ih_l%d" % k] = (gates * hidden,)
        arrays["rnn.bias_hh_l%d" % k] = (gates * hidden,)
    arrays.update({"fc.weight": (classes, hidden), "fc.bias": (classes,)}, **more)
    return {k: random.normal(size=v) * 0.7 for k, v in arrays.items()}


def expect(file, cell, arrays, alphabet, outputs, said="-"):
    OUT.append(["network", file, alphabet, outputs, said])
    for name, values in arrays.items():
        values = np.asarray(values)
        if values.dtype.kind == "f":
            OUT.append(["tensor", name, "x".join(map(str, values.shape))] +
                       ["%08x" % struct.unpack("<I", struct.pack("<f", v))[0] for v in values.flatten()])
    symbols = len(arrays["embedding"]) if "embedding" in arrays else arrays["rnn.weight_ih_l0"].shape[1]
    word = [(i * i + i // 3) % symbols for i in range(8)]
    OUT.append(["logits", " ".join(map(str, word))] + ["%.9g" % v for v in run(cell, arrays, word, symbols)])


def cast(arrays, dtype, order="C"):
    return {k: np.asarray(v, dtype, order=order) for k, v in arrays.items()}


def path(file):
    return os.path.join(HERE, file)


a = cast(network(3, 2, 3, 2), "<f4")
np.savez(path("gru.npz"), **a)
expect("gru.npz", "gru", a, "0 1", "reject accept")

a = cast(network(4, 3, 2, 3, layers=2, h0=(2, 2), c0=(2, 2)), ">f8", "F")
np.savez_compressed(path("lstm_big_endian_fortran.npz"), **a)
expect("lstm_big_endian_fortran.npz", "lstm", a, "a b c", "x y z")

a = cast(network(1, 2, 3, 1, embedding=(4, 2)), ">f2", "F")
a["step"] = np.array(1000)
np.savez(path("card.npz"), **a)
expect("card.npz", "tanh", a, "-", "-")
with open(path("card.json"), "w") as f:
    json.dump({"rnnsafe": 1, "cell": "tanh", "alphabet": ["up", "down", "left", "right"], "outputs": ["no", "yes"], "threshold": 0,
               "input": "embedding", "embedding": "embedding", "head": [{"weight": "fc.weight", "bias": "fc.bias"}],
               "ignore": ["step"]}, f, indent=1)
    f.write("\n")

# Versions 2.0 and 3.0 of .npy, which numpy writes for long headers and names of fields alone.
a = cast(network(1, 2, 3, 2), "<f8")
with zipfile.ZipFile(path("versions.npz"), "w") as z:
    for i, (name, values) in enumerate(a.items()):
        out = io.BytesIO()
        np.lib.format.write_array(out, values, version=(i % 3 + 1, 0))
        z.writestr(zipfile.ZipInfo(name + ".npy"), out.getvalue())
expect("versions.npz", "relu", a, "0 1", "reject accept", "relu")

with open(path("expected.txt"), "w") as f:
    for line in OUT:
        f.write("\t".join(line) + "\n")
