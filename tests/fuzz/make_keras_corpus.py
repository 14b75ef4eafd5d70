#!/usr/bin/python3
"""Writes corpus/keras: Keras files (.h5, .keras), configurations (.json) and streams of the child process (.stream), named after
their defect. tests/unit/network_keras.c says what each one gives. hangs_libhdf5.h5 and kills_libhdf5.h5 are kept as they were found, by
damaging valid_legacy.h5: version 1.10.8 never ends on the first and crashes on the second."""
import io
import json
import os
import struct
import zipfile

import h5py
import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "keras")
random = np.random.default_rng(4)


def put(name, data):
    with open(os.path.join(FOLDER, name), "wb") as f:
        f.write(data)


# ---- Configurations ----

def layer(kind, **config):
    return {"class_name": kind, "config": dict({"name": kind.lower()}, **config)}


GRU = layer("GRU", units=2, activation="tanh", recurrent_activation="sigmoid", reset_after=True, return_sequences=False)
DENSE = layer("Dense", units=2, activation="softmax")


def model(*layers, kind="Sequential"):
    return {"class_name": kind, "config": {"name": "m", "layers": list(layers)}}


def change(l, **config):
    return {"class_name": l["class_name"], "config": dict(l["config"], **config)}


def config(name, value):
    put(name + ".json", (value if isinstance(value, str) else json.dumps(value)).encode())


def chain(*names, last=None):
    entries, before = [], None
    for n in names:
        kind = {"i": "InputLayer", "g": "GRU", "d": "Dense"}[n[0]]
        l = {"i": layer("InputLayer"), "g": GRU, "d": DENSE}[n[0]]
        entries.append(dict(l, class_name=kind, name=n, inbound_nodes=[[[before, 0, 0, {}]]] if before else []))
        before = n
    return entries


os.makedirs(FOLDER, exist_ok=True)
VALID = model(layer("InputLayer"), GRU, DENSE)
config("valid_config", VALID)
config("valid_old_list", {"class_name": "Sequential", "config": [GRU, DENSE]})
config("valid_functional", model(*chain("i", "g", "d"), kind="Functional"))
config("valid_activation_layer", model(GRU, change(DENSE, activation="linear"), layer("Activation", activation="softmax")))
config("valid_softmax_layer", model(GRU, change(DENSE, activation=None), layer("Softmax")))
config("valid_wrapped_dropout", model(change(GRU, return_sequences=True), layer("TimeDistributed", layer=layer("Dropout")),
                                      layer("TimeDistributed", layer=DENSE)))
config("no_json", "{\"class_name\": ")
config("empty", "")
config("no_object", "[]")
config("no_class_name", {"config": {}})
config("no_layers", {"class_name": "Sequential", "config": {}})
config("layer_no_object", model(3))
config("layer_without_config", model({"class_name": "GRU"}))
config("subclassed_model", model(GRU, DENSE, kind="MyModel"))
config("nested_model", model(model(GRU), DENSE))
config("no_recurrent_layer", model(layer("Embedding", input_dim=2, output_dim=2)))
config("bidirectional", model(layer("Bidirectional", layer=GRU), DENSE))
config("masking", model(layer("Masking", mask_value=0.0), GRU, DENSE))
config("mask_zero", model(layer("Embedding", mask_zero=True), GRU, DENSE))
config("go_backwards", model(change(GRU, go_backwards=True), DENSE))
config("stateful", model(change(GRU, stateful=True), DENSE))
config("return_state", model(change(GRU, return_state=True), DENSE))
config("time_major", model(change(GRU, time_major=True), DENSE))
config("gru_activation_relu", model(change(GRU, activation="relu"), DENSE))
config("gru_recurrent_activation_tanh", model(change(GRU, recurrent_activation="tanh"), DENSE))
config("gru_activation_object_without_name", model(change(GRU, activation={"class_name": "function"}), DENSE))
config("simple_rnn_activation_elu", model(layer("SimpleRNN", activation="elu"), DENSE))
config("dense_activation_selu", model(GRU, change(DENSE, activation="selu")))
config("dense_before_recurrent", model(change(DENSE, activation="relu"), GRU, DENSE))
config("dense_after_softmax", model(GRU, DENSE, DENSE))
config("recurrent_after_dense", model(change(GRU, return_sequences=True), change(DENSE, activation="relu"), GRU, DENSE))
config("sequence_missing", model(GRU, GRU, DENSE))
config("different_cells", model(change(GRU, return_sequences=True), layer("LSTM"), DENSE))
config("different_reset_after", model(change(GRU, return_sequences=True), change(GRU, reset_after=False), DENSE))
config("different_gates", model(change(GRU, return_sequences=True), change(GRU, recurrent_activation="hard_sigmoid"), DENSE))
config("embedding_in_the_middle", model(change(GRU, return_sequences=True), layer("Embedding"), DENSE))
config("activation_after_recurrent", model(GRU, layer("Activation", activation="relu"), DENSE))
config("activation_twice", model(GRU, change(DENSE, activation="tanh"), layer("Activation", activation="relu")))
config("wrapped_recurrent", model(layer("TimeDistributed", layer=GRU), DENSE))
config("wrapped_nothing", model(GRU, layer("TimeDistributed")))
config("wrapped_in_wrapped", model(GRU, layer("TimeDistributed", layer=layer("TimeDistributed", layer=DENSE))))
config("layer_unknown", model(layer("Conv1D"), GRU, DENSE))
config("cudnn_lstm", model(layer("CuDNNLSTM"), DENSE))
config("lambda", model(GRU, DENSE, layer("Lambda", function=["4wEAAAAAAAAA", None, None])))
entries = chain("i", "g", "d")
entries[2]["inbound_nodes"] = [[["g", 0, 0, {}], ["i", 0, 0, {}]]]
config("functional_with_branch", model(*entries, kind="Functional"))
entries = chain("i", "g", "d")
entries[2]["inbound_nodes"] = [[["i", 0, 0, {}]]]
config("functional_past_a_layer", model(*entries, kind="Functional"))
entries = chain("i", "g", "d")
entries[1]["inbound_nodes"] = []
config("functional_without_input", model(*entries, kind="Functional"))
entries = chain("i", "g", "d")
nest = [["i", 0, 0]]
for _ in range(100):
    nest = [nest]
entries[1]["inbound_nodes"] = nest
config("functional_too_deep", model(*entries, kind="Functional"))


# ---- Weights ----

def normal(*shape):
    return random.normal(size=shape).astype("f4")


WEIGHTS = {"gru": {"gru/kernel:0": normal(2, 6), "gru/recurrent_kernel:0": normal(2, 6), "gru/bias:0": normal(2, 6)},
           "dense": {"dense/kernel:0": normal(2, 2), "dense/bias:0": normal(2)}}


def weights(f, changes=(), names=("inputlayer", "gru", "dense"), texts=None):
    changes = dict(changes)
    f.attrs["layer_names"] = [n.encode() for n in names]
    for name in names:
        g = f.create_group(name)
        items = WEIGHTS.get(name, {})
        g.attrs["weight_names"] = texts if texts and name == "gru" else np.array([k.encode() for k in items], "S64")
        for k, v in items.items():
            v = changes.get(k, v)
            if callable(v):
                v(g, k)
            elif v is not None:
                g.create_dataset(k, data=v)


def h5(name, write, libver="latest", user_block=0):
    out = io.BytesIO()
    with h5py.File(out, "w", libver=libver) as f:
        write(f)
    put(name + ".h5", out.getvalue())
    return out.getvalue()


def legacy(name, changes=(), json_text=json.dumps(VALID), **options):
    def write(f):
        f.attrs["keras_version"] = b"2.9.0"
        if json_text is not None:
            f.attrs["model_config"] = json_text.encode()
        weights(f.create_group("model_weights"), changes, **options)
    return h5(name, write)


whole = legacy("valid_legacy")
h5("valid_weights_alone", weights)
legacy("valid_compressed", {"gru/kernel:0": lambda g, k: g.create_dataset(k, data=WEIGHTS["gru"][k], compression="gzip", shuffle=True,
                                                                        fletcher32=True)})
legacy("config_no_json", json_text="{")
legacy("config_refused", json_text=json.dumps(model(layer("Masking"), GRU, DENSE)))
legacy("dataset_missing", {"gru/bias:0": None})
legacy("weight_names_missing", names=("dense",))
legacy("four_weights", texts=[b"gru/kernel:0", b"gru/recurrent_kernel:0", b"gru/bias:0", b"gru/kernel:0"])
legacy("weight_twice", texts=[b"gru/kernel:0", b"gru/kernel:0"])
legacy("kernel_alone", texts=[b"gru/kernel:0"])
legacy("unused_weights", texts=[b"gru/kernel:0", b"gru/recurrent_kernel:0"])
legacy("kernel_is_vector", {"gru/kernel:0": normal(6)})
legacy("kernel_of_wrong_width", {"gru/kernel:0": normal(2, 8)})
legacy("kernel_empty", {"gru/recurrent_kernel:0": normal(0, 6)})
legacy("kernel_of_lstm", {"gru/kernel:0": normal(2, 8), "gru/recurrent_kernel:0": normal(2, 8)})
legacy("bias_contradicts_reset_after", {"gru/bias:0": normal(6)})
legacy("bias_of_wrong_shape", {"gru/bias:0": normal(2, 5)})
legacy("bias_of_three", {"gru/bias:0": normal(2, 6, 1)})
legacy("dense_kernel_is_vector", {"dense/kernel:0": normal(4)})
legacy("dense_bias_of_wrong_shape", {"dense/bias:0": normal(3)})
legacy("softmax_of_one_unit", {"dense/kernel:0": normal(2, 1), "dense/bias:0": normal(1)})
legacy("dense_of_wrong_input", {"dense/kernel:0": normal(3, 2)})
legacy("integer_weights", {"dense/kernel:0": np.ones((2, 2), "i8")})
legacy("nan_weight", {"dense/bias:0": np.array([np.nan, 0], "f4")})
legacy("complex_weights", {"dense/kernel:0": np.ones((2, 2), "c8")})
legacy("text_weights", {"dense/kernel:0": np.array([[b"a", b"b"]] * 2)})
legacy("dataset_of_9_dimensions", {"dense/kernel:0": np.ones((1,) * 9, "f4")})
legacy("dataset_without_shape", {"dense/kernel:0": lambda g, k: g.create_dataset(k, data=h5py.Empty("f4"))})
legacy("dataset_of_2_to_40_values", {"dense/kernel:0": lambda g, k: g.create_dataset(k, (1 << 20, 1 << 20), "f4", chunks=(1, 16))})
legacy("dataset_that_is_not_stored", {"dense/kernel:0": lambda g, k: g.create_dataset(k, (2, 2), "f4")})
legacy("external_data", {"dense/kernel:0": lambda g, k: g.create_dataset(k, (2, 2), "f4", external=[("/etc/passwd", 0, 16)])})
legacy("soft_link", {"dense/kernel:0": lambda g, k: g.__setitem__(k, h5py.SoftLink("/model_weights/dense/dense/bias:0"))})
legacy("external_link", {"dense/kernel:0": lambda g, k: g.__setitem__(k, h5py.ExternalLink("/etc/passwd", "/x"))})


def virtual(g, k):
    layout = h5py.VirtualLayout((2, 2), "f4")
    layout[:] = h5py.VirtualSource("/tmp/other.h5", "x", (2, 2))
    g.create_virtual_dataset(k, layout)


legacy("virtual_dataset", {"dense/kernel:0": virtual})


def circle(f):
    weights(f)
    f["gru"]["again"] = f["gru"]


def circles(f):
    weights(f)
    for i in range(40):
        f["gru"]["again%d" % i] = f["gru"]


def deep(f):
    weights(f)
    g = f
    for _ in range(40):
        g = g.create_group("g")


def named_type(f):
    weights(f)
    f["type"] = np.dtype("f4")


h5("circle_of_groups", circle)
h5("many_circles_of_groups", circles)
h5("groups_too_deep", deep)
h5("named_type", named_type)
h5("empty_file", lambda f: None)
h5("no_recurrent_weights", lambda f: weights(f, names=("dense",)))
h5("path_too_long", lambda f: f.create_dataset("x" * 2000, data=normal(2)))
h5("name_not_utf8", lambda f: f.create_dataset(b"a\xff\n", data=normal(2)))
h5("list_of_integers", lambda f: (weights(f), f["gru"].attrs.__setitem__("weight_names", np.arange(3))))
put("truncated.h5", whole[:len(whole) // 2])
put("truncated_in_superblock.h5", whole[:20])
put("signature_alone.h5", whole[:8])
for i in range(24):  # damage everywhere
    damaged = bytearray(whole)
    for _ in range(3):
        damaged[int(random.integers(8, len(damaged)))] = int(random.integers(256))
    put("damaged_%02d.h5" % i, bytes(damaged))
def numbered(changes=(), root="layers", more=()):
    out = io.BytesIO()
    items = {"gru/cell/vars/0": normal(2, 6), "gru/cell/vars/1": normal(2, 6), "gru/cell/vars/2": normal(2, 6),
             "dense/vars/0": normal(2, 2), "dense/vars/1": normal(2)}
    items.update(changes)
    with h5py.File(out, "w", libver="latest") as f:
        for k, v in items.items():
            if v is not None:
                f.create_dataset(root + "/" + k, data=v)
        for k, v in more:
            f.create_dataset(k, data=v)
    return out.getvalue()


def archive(name, entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for k, v in entries:
            info = zipfile.ZipInfo(k)
            info.compress_type = zipfile.ZIP_DEFLATED
            z.writestr(info, v)
    put(name + ".keras", out.getvalue())


META, CONF = ("metadata.json", '{"keras_version": "3.3.3"}'), ("config.json", json.dumps(VALID))
put("valid_numbered.h5", numbered())
put("valid_numbered_old_root.h5", numbered(root="_layer_checkpoint_dependencies"))
put("bidirectional_weights.h5", numbered({"bidirectional/forward_layer/cell/vars/0": normal(2, 6),
                                          "bidirectional/forward_layer/cell/vars/1": normal(2, 6)}))
put("two_dense_layers_in_weights.h5", numbered({"dense_1/vars/0": normal(2, 2)}))
put("two_embeddings_in_weights.h5", numbered({"embedding/vars/0": normal(2, 2), "embedding_1/vars/0": normal(2, 2)}))
put("different_cells_in_weights.h5", numbered({"lstm/cell/vars/0": normal(2, 8), "lstm/cell/vars/1": normal(2, 8)}))
put("gru_without_bias.h5", numbered({"gru/cell/vars/2": None}))
put("layer_with_many_weights.h5", numbered({"batch_normalization/vars/%d" % i: normal(2) for i in range(4)}))
put("weights_with_gap.h5", numbered({"dense/vars/3": normal(2)}))
archive("valid", [META, CONF, ("model.weights.h5", numbered())])
archive("valid_without_metadata", [CONF, ("model.weights.h5", numbered())])
archive("metadata_no_json", [("metadata.json", "{"), CONF, ("model.weights.h5", numbered())])
archive("metadata_without_version", [("metadata.json", "{}"), CONF, ("model.weights.h5", numbered())])
archive("config_missing", [META, ("model.weights.h5", numbered())])
archive("weights_missing", [META, CONF])
archive("weights_npz", [META, CONF, ("model.weights.npz", b"")])
archive("weights_empty", [META, CONF, ("model.weights.h5", b"")])
archive("weights_no_hdf5", [META, CONF, ("model.weights.h5", b"hello")])
archive("layer_missing", [META, CONF, ("model.weights.h5", numbered({"dense/vars/0": None, "dense/vars/1": None}))])
archive("layer_too_many", [META, CONF, ("model.weights.h5", numbered({"dense_1/vars/0": normal(2, 2)}))])
archive("number_of_100_digits", [META, CONF, ("model.weights.h5", numbered({"gru_%s/cell/vars/0" % ("9" * 100): normal(2, 2)}))])
archive("bomb", [META, CONF, ("model.weights.h5", b"\0" * 3000000)])


# ---- Streams of the child ----

def text(t):
    return struct.pack("=Q", len(t)) + t


def dataset(name, values, code=0):
    values = np.asarray(values, "f4")
    return b"D" + text(name) + bytes([code]) + struct.pack("=Q%dQ" % values.ndim, values.ndim, *values.shape) + values.tobytes()


def attribute(object, name, *texts):
    return b"A" + text(object) + text(name) + struct.pack("=Q", len(texts)) + b"".join(map(text, texts))


GOOD = attribute(b"", b"layer_names", b"gru", b"dense")
for n, items in WEIGHTS.items():
    GOOD += attribute(n.encode(), b"weight_names", *(k.encode() for k in items))
    GOOD += b"".join(dataset(n.encode() + b"/" + k.encode(), v) for k, v in items.items())
put("valid.stream", GOOD + b"E")
put("without_end.stream", GOOD)
put("nothing.stream", b"")
put("after_the_end.stream", GOOD + b"EE")
put("kind_unknown.stream", b"X")
put("refused.stream", b"F" + text(b"because"))
put("refused_without_text.stream", b"F\1")
put("type_unknown.stream", dataset(b"x", [1], code=9) + b"E")
put("rank_9.stream", b"D" + text(b"x") + b"\0" + struct.pack("=Q", 9))
put("values_beyond_stream.stream", b"D" + text(b"x") + b"\0" + struct.pack("=QQ", 1, 1 << 40))
put("shape_overflow.stream", b"D" + text(b"x") + b"\0" + struct.pack("=QQQ", 2, 1 << 40, 1 << 40))
put("text_beyond_stream.stream", b"A" + struct.pack("=Q", 1 << 60))
put("texts_beyond_stream.stream", b"A" + text(b"x") + text(b"y") + struct.pack("=Q", 1 << 60) + b"E")
put("dataset_twice.stream", dataset(b"x", [1]) * 2 + b"E")
