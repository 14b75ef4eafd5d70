#!/usr/bin/python3
"""Writes models with h5py in the layouts of Keras 2, tf.keras and Keras 3, after their sources and published files (no Keras
ran), and expected.txt (tests/unit/support/golden.h): logits of Keras' equations in float64 from the float32 weights.

legacy       keras/engine/saving.py, keras/saving/legacy/hdf5_format.py: groups with layer_names and weight_names
numbered     keras/src/saving/saving_lib.py: layers/CLASS_N[/cell]/vars/N"""
import json
import os
import re
import zipfile

import h5py
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = []
random = np.random.default_rng(3)


def normal(*shape):
    return (random.normal(size=shape) * 0.6).astype("f4")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


ACTIVATIONS = {"tanh": np.tanh, "sigmoid": sigmoid, "linear": lambda x: x, "relu": lambda x: np.maximum(x, 0), "softmax": lambda x: x}


# ---- Layers: weights in Keras' order and shapes, the step as Keras writes it ----

class Layer:
    common = {}

    def __init__(self, name, weights, **config):
        self.name, self.weights, self.config = name, weights, dict(self.common, name=name, **config)
        self.kind = type(self).__name__

    def names(self):
        return []

    def start(self, version):
        self.w = [w.astype("f8") for w in self.weights]

    def step(self, x):
        return x


class InputLayer(Layer):
    pass


class Dropout(Layer):
    pass


class Embedding(Layer):
    def names(self):
        return ["embeddings"]

    def step(self, x):
        return self.w[0][int(np.argmax(x))]


class Dense(Layer):
    def names(self):
        return ["kernel", "bias"][:len(self.weights)]

    def step(self, x):
        y = x @ self.w[0] + (self.w[1] if len(self.w) > 1 else 0)
        return y if self.final else ACTIVATIONS[self.config.get("activation", "linear")](y)


class Recurrent(Layer):
    common = {"trainable": True, "dtype": "float32", "return_sequences": False, "return_state": False, "go_backwards": False,
              "stateful": False, "unroll": False}

    def names(self):
        return ["kernel", "recurrent_kernel", "bias"][:len(self.weights)]

    def start(self, version):
        super().start(version)
        self.k, self.u = self.w[0], self.w[1]
        self.b = self.w[2] if len(self.w) > 2 else np.zeros(self.k.shape[1])
        self.h = np.zeros(len(self.u))
        self.c = np.zeros(len(self.u))
        self.act = ACTIVATIONS[self.config.get("activation", "tanh")]
        slope = 1 / 6 if version[0] == "3" else 0.2
        self.s = sigmoid if "hard" not in str(self.config.get("recurrent_activation")) else lambda x: np.clip(slope * x + 0.5, 0, 1)


class SimpleRNN(Recurrent):
    def step(self, x):
        self.h = self.act(x @ self.k + self.b + self.h @ self.u)
        return self.h


class LSTM(Recurrent):
    def step(self, x):
        z = x @ self.k + self.h @ self.u + self.b
        i, f, c, o = np.split(z, 4)
        self.c = self.s(f) * self.c + self.s(i) * np.tanh(c)
        self.h = self.s(o) * np.tanh(self.c)
        return self.h


class GRU(Recurrent):
    def step(self, x):
        n = len(self.h)
        if self.b.ndim == 2:  # reset_after
            xz, xr, xh = np.split(x @ self.k + self.b[0], 3)
            hz, hr, hh = np.split(self.h @ self.u + self.b[1], 3)
            z, r = self.s(xz + hz), self.s(xr + hr)
            new = np.tanh(xh + r * hh)
        else:
            xz, xr, xh = np.split(x @ self.k + self.b, 3)
            z, r = self.s(xz + self.h @ self.u[:, :n]), self.s(xr + self.h @ self.u[:, n:2 * n])
            new = np.tanh(xh + (r * self.h) @ self.u[:, 2 * n:])
        self.h = z * self.h + (1 - z) * new
        return self.h


def recurrent(cls, name, gates, inputs, units, two=False, bias=True, **config):
    weights = [normal(inputs, gates * units), normal(units, gates * units)]
    if bias:
        weights.append(normal(2, gates * units) if two else normal(gates * units))
    return cls(name, weights, units=units, use_bias=bias, **config)


def simple(name, inputs, units, **config):
    return recurrent(SimpleRNN, name, 1, inputs, units, **dict({"activation": "tanh"}, **config))


def lstm(name, inputs, units, **config):
    return recurrent(LSTM, name, 4, inputs, units, activation="tanh", unit_forget_bias=True, **config)


def gru(name, inputs, units, **config):
    return recurrent(GRU, name, 3, inputs, units, config.get("reset_after", False), activation="tanh", **config)


def dense(name, inputs, units, activation, **config):
    return Dense(name, [normal(inputs, units), normal(units)], units=units, activation=activation, use_bias=True, **config)


def embedding(name, symbols, width):
    return Embedding(name, [normal(symbols, width)], input_dim=symbols, output_dim=width, mask_zero=False, input_length=None)


# ---- Configurations ----

def initializer(version, name):
    if version[0] == "3":
        return {"module": "keras.initializers", "class_name": name, "config": {"seed": None}, "registered_name": None}
    return {"class_name": name, "config": {"seed": None}}


def entry(layer, version):
    config = dict(layer.config)
    if layer.weights and layer.kind != "Embedding":
        config["kernel_initializer"] = initializer(version, "GlorotUniform")
        config["kernel_regularizer"] = None
    out = {"class_name": layer.kind, "config": config}
    if getattr(layer, "wrapped", False):
        inner = dict(config, name=layer.name + "_inner")
        out = {"class_name": "TimeDistributed", "config": {"name": layer.name, "trainable": True, "layer": dict(out, config=inner)}}
    if version[0] == "3":
        out = dict({"module": "keras.layers"}, **out, registered_name=None, build_config={"input_shape": [None, None, 3]})
    return out


def sequential(layers, version, old=False):
    entries = [entry(l, version) for l in layers]
    if old:
        return {"class_name": "Sequential", "config": entries}
    return {"class_name": "Sequential", "config": {"name": "sequential", "layers": entries}}


def functional(layers, version):
    entries, before = [], None
    for layer in layers:
        e = dict(entry(layer, version), name=layer.name, inbound_nodes=[])
        if before and version[0] == "3":
            tensor = {"class_name": "__keras_tensor__", "config": {"shape": [None, None, 3], "dtype": "float32", "keras_history": [before, 0, 0]}}
            e["inbound_nodes"] = [{"args": [tensor], "kwargs": {"training": False, "mask": None}}]
        elif before:
            e["inbound_nodes"] = [[[before, 0, 0, {"training": False}]]]
        entries.append(e)
        before = layer.name
    return {"class_name": "Functional" if version > "2.3" else "Model",
            "config": {"name": "model", "layers": entries, "input_layers": [[layers[0].name, 0, 0]], "output_layers": [[before, 0, 0]]}}


# ---- Files ----

def path(file):
    return os.path.join(HERE, file)


def save_attribute(group, name, texts, chunks=1):
    data = [t.encode() for t in texts]
    if chunks == 1:
        group.attrs[name] = data
    else:
        for i, part in enumerate(np.array_split(np.array(data), chunks)):
            group.attrs["%s%d" % (name, i)] = part


def legacy_weights(group, layers, version, dtype="f4", chunks=1):
    save_attribute(group, "layer_names", [l.name for l in layers], chunks)
    group.attrs["backend"] = b"tensorflow"
    group.attrs["keras_version"] = version.encode()
    for layer in layers:
        g = group.create_group(layer.name)
        cell = layer.kind.lower() if layer.kind != "SimpleRNN" else "simple_rnn"
        inner = "/%s_cell" % cell if isinstance(layer, Recurrent) and version > "2.3" else ""
        end = "" if version[0] == "3" else ":0"
        names = ["%s%s/%s%s" % (layer.name, inner, n, end) for n in layer.names()]
        save_attribute(g, "weight_names", names)
        for name, values in zip(names, layer.weights):
            g.create_dataset(name, data=values.astype(dtype))


def legacy(file, layers, config, version, **options):
    with h5py.File(path(file), "w", track_order=False) as f:
        f.attrs["keras_version"] = version if options.pop("texts", False) else version.encode()
        f.attrs["backend"] = b"tensorflow"
        f.attrs["model_config"] = json.dumps(config).encode()
        f.attrs["training_config"] = json.dumps({"loss": "categorical_crossentropy"}).encode()
        legacy_weights(f.create_group("model_weights"), layers, version, **options)
        g = f.create_group("optimizer_weights")
        g.create_dataset("Adam/iter:0", data=np.int64(7))
        g.create_dataset("Adam/m:0", data=normal(2, 2))


def snake(name):
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def numbered_weights(f, layers, root="layers", step=1, seeds=False):
    seen = {}
    for layer in layers:
        kind = "time_distributed" if getattr(layer, "wrapped", False) else snake(layer.kind)
        n = seen.get(kind, 0)
        seen[kind] = n + step
        name = "%s/%s" % (root, kind if n == 0 else "%s_%d" % (kind, n))
        f.create_group(name + "/vars")
        if not layer.weights:
            if seeds:
                f.create_dataset(name + "/seed_generator/vars/0", data=np.array([1, 2], "u4"))
            continue
        inner = "/cell" if isinstance(layer, Recurrent) else "/layer" if getattr(layer, "wrapped", False) else ""
        g = f.require_group(name + inner + "/vars")
        for i, values in enumerate(layer.weights):
            g.create_dataset(str(i), data=values)
        if seeds and inner == "/cell":
            f.create_dataset(name + "/cell/seed_generator/vars/0", data=np.array([1, 2], "u4"))
    f.create_group("vars")
    f.create_dataset("optimizer/vars/0", data=np.int64(7))


def numbered(file, layers, **options):
    with h5py.File(path(file), "w") as f:
        numbered_weights(f, layers, **options)


def archive(file, layers, config, version, method=zipfile.ZIP_STORED, **options):
    weights = path(file) + ".tmp"
    with h5py.File(weights, "w") as f:
        numbered_weights(f, layers, **options)
    with zipfile.ZipFile(path(file), "w", method) as z:
        for name, data in (("metadata.json", json.dumps({"keras_version": version, "date_saved": "2024-01-01@00:00:00"})),
                           ("config.json", json.dumps(config)), ("model.weights.h5", open(weights, "rb").read())):
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            z.writestr(info, data)
    os.remove(weights)


def expect(file, layers, symbols, alphabet, outputs, version, cell="-"):
    OUT.append(["network", file, alphabet, outputs, cell])
    word, logits = [(i * i + i // 3) % symbols for i in range(8)], []
    for layer in layers:
        layer.final = layer is layers[-1] and layer.config.get("activation") in ("softmax", "sigmoid")
        layer.start(version)
    for symbol in word:
        x = np.eye(symbols)[symbol]
        for layer in layers:
            x = layer.step(x)
        logits += list(x)
    OUT.append(["logits", " ".join(map(str, word))] + ["%.9g" % v for v in logits])


start = InputLayer("input_1", [], batch_input_shape=[None, None])
start3 = InputLayer("input_layer", [], batch_shape=[None, None], dtype="float32", sparse=False)

m = [start, embedding("embedding", 3, 2), lstm("lstm", 2, 3, return_sequences=True, recurrent_activation="sigmoid"),
     Dropout("dropout", [], rate=0.5), lstm("lstm_1", 3, 3, recurrent_activation="sigmoid"), dense("dense", 3, 3, "softmax")]
legacy("tf_keras_2.11_lstm.h5", m, sequential(m, "2.11.0"), "2.11.0", chunks=2)
expect("tf_keras_2.11_lstm.h5", m, 3, "a b c", "x y z", "2.11.0")

m = [InputLayer("input_1", [], batch_input_shape=[None, None, 2]),
     gru("gru", 2, 3, return_sequences=True, reset_after=True, recurrent_activation="hard_sigmoid"), dense("out", 3, 1, "sigmoid")]
m[-1].wrapped = True
legacy("tf_keras_2.4_gru_functional.h5", m, functional(m, "2.4.0"), "2.4.0", texts=True, dtype="f8")
expect("tf_keras_2.4_gru_functional.h5", m, 2, "0 1", "no yes", "2.4.0")

m = [gru("gru_1", 3, 3, recurrent_activation="hard_sigmoid", batch_input_shape=[None, None, 3]), dense("dense_1", 3, 2, "linear"),
     Layer("activation_1", [], activation="softmax")]
m[-1].kind = "Activation"
legacy("keras_2.1_gru.h5", m, sequential(m, "2.1.6", old=True), "2.1.6")
expect("keras_2.1_gru.h5", m, 3, "a b c", "no yes", "2.1.6")

m = [start3, simple("rnn", 2, 3, activation="sigmoid", bias=False, batch_input_shape=[None, None, 2]), dense("dense", 3, 2, "tanh")]
legacy("keras_3.3_simple_rnn.h5", m, sequential(m, "3.3.3"), "3.3.3")
expect("keras_3.3_simple_rnn.h5", m, 2, "0 1", "no yes", "3.3.3")

m = [start3, embedding("e", 4, 2), gru("a", 2, 3, return_sequences=True, reset_after=True, recurrent_activation="sigmoid"),
     gru("b", 3, 3, reset_after=True, recurrent_activation="sigmoid"), Dropout("d", [], rate=0.1), dense("c", 3, 4, "relu"),
     dense("f", 4, 1, "sigmoid")]
archive("keras_3.3_gru.keras", m, sequential(m, "3.3.3"), "3.3.3", seeds=True)
expect("keras_3.3_gru.keras", m, 4, "u d l r", "no yes", "3.3.3")

m = [start3, gru("a", 2, 3, reset_after=False, recurrent_activation={"module": "keras.activations", "class_name": "function",
                                                                    "config": "hard_sigmoid", "registered_name": "hard_sigmoid"}),
     dense("c", 3, 2, "softmax")]
archive("keras_3.0_gru_before_functional.keras", m, functional(m, "3.0.5"), "3.0.5", method=zipfile.ZIP_DEFLATED)
expect("keras_3.0_gru_before_functional.keras", m, 2, "0 1", "no yes", "3.0.5")

m = [start, simple("simple_rnn", 3, 2, return_sequences=True, activation="relu"), simple("simple_rnn_1", 2, 2, activation="relu"),
     dense("dense", 2, 2, "softmax")]
archive("tf_keras_2.12_simple_rnn.keras", m, sequential(m, "2.12.0"), "2.12.0", root="_layer_checkpoint_dependencies", step=2)
expect("tf_keras_2.12_simple_rnn.keras", m, 3, "a b c", "no yes", "2.12.0")

m = [start, lstm("lstm", 2, 2, recurrent_activation="hard_sigmoid"), dense("dense", 2, 2, "softmax")]
archive("tf_keras_2.15_lstm.keras", m, sequential(m, "2.15.0"), "2.15.0")
expect("tf_keras_2.15_lstm.keras", m, 2, "0 1", "no yes", "2.15.0")

m = [embedding("e", 3, 2), lstm("a", 2, 2, return_sequences=True), lstm("b", 2, 2), dense("c", 2, 2, "softmax")]
numbered("keras_3_lstm.weights.h5", m, seeds=True)
expect("keras_3_lstm.weights.h5", m, 3, "a b c", "no yes", "3.3.3")

m = [simple("a", 2, 3), dense("c", 3, 2, "softmax")]
numbered("keras_3_simple_rnn.weights.h5", m)
expect("keras_3_simple_rnn.weights.h5", m, 2, "0 1", "no yes", "3.3.3", "tanh")

m = [embedding("embedding_1", 3, 2), gru("gru_1", 2, 3), dense("dense_1", 3, 2, "softmax")]
with h5py.File(path("keras_2_gru.weights.h5"), "w") as f:
    legacy_weights(f, m, "2.2.4")
expect("keras_2_gru.weights.h5", m, 3, "a b c", "no yes", "2.2.4")

m = [gru("gru", 2, 3, reset_after=True), dense("dense", 3, 2, "softmax")]
numbered("tf_keras_2.12_gru.weights.h5", m, root="_layer_checkpoint_dependencies")
expect("tf_keras_2.12_gru.weights.h5", m, 2, "0 1", "no yes", "2.12.0")

# A subclassed model, whose groups have the names of its attributes, in float16.
m = [embedding("e", 3, 2), gru("a", 2, 3, return_sequences=True, reset_after=False), gru("b", 3, 3, reset_after=False),
     dense("c", 3, 2, "softmax")]
with h5py.File(path("keras_3_subclassed.weights.h5"), "w") as f:
    for name, layer in zip(("embed", "rnns/gru/cell", "rnns/gru_1/cell", "out"), m):
        layer.weights = [w.astype("f2") for w in layer.weights]
        for i, values in enumerate(layer.weights):
            f.create_dataset("%s/vars/%d" % (name, i), data=values)
expect("keras_3_subclassed.weights.h5", m, 3, "a b c", "no yes", "3.3.3")

with open(path("expected.txt"), "w") as f:
    for line in OUT:
        f.write("\t".join(line) + "\n")
