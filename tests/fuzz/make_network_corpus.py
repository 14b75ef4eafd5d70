#!/usr/bin/env python3
"""Writes corpus/pytorch, corpus/legacy, corpus/safetensors and corpus/card: small files, each named after its defect; those called valid* have none.
tests/unit/network_corpus.c says what each must give. Needs Python alone."""
import io
import json
import os
import struct
import zipfile

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")


def write(kind, name, data):
    with open(os.path.join(HERE, kind, name), "wb") as f:
        f.write(data)


# ---- PyTorch: pickles by hand ----

class Raw(bytes):
    """Opcodes as they are."""


def value(v):
    """The opcodes that push a value."""
    if isinstance(v, Raw):
        return bytes(v)
    if isinstance(v, bool):
        return b"\x88" if v else b"\x89"
    if isinstance(v, int):
        if -2**31 <= v < 2**31:
            return b"J" + struct.pack("<i", v)
        size = (v.bit_length() + 8) // 8
        return b"\x8a" + bytes([size]) + v.to_bytes(size, "little", signed=True)
    if isinstance(v, (str, bytes)):
        v = v.encode() if isinstance(v, str) else v
        return b"X" + struct.pack("<I", len(v)) + v
    if isinstance(v, tuple):
        return b"(" + b"".join(map(value, v)) + b"t"
    assert isinstance(v, list)  # of pairs: a dictionary
    return b"}(" + b"".join(value(x) for pair in v for x in pair) + b"u"


def storage(key, numbers, kind="FloatStorage", tag="storage"):
    return Raw(value((tag, Raw(b"ctorch\n" + kind.encode() + b"\n"), key, "cpu", numbers)) + b"Q")


EMPTY_DICT = Raw(b"ccollections\nOrderedDict\n)R")


def tensor(key, size, stride=None, offset=0, numbers=None, **more):
    if stride is None:
        stride, step = (), 1
        for n in reversed(size):
            stride, step = (step,) + stride, step * n
    count = 1
    for n in size:
        count *= n
    place = storage(key, count if numbers is None else numbers, **more)
    return Raw(b"ctorch._utils\n_rebuild_tensor_v2\n" + value((place, offset, size, stride, False, EMPTY_DICT)) + b"R")


def archive(program, storages, root="archive", extra=(), method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        def add(name, data):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = method
            z.writestr(info, data)
        if program is not None:
            add(root + "/data.pkl", program)
        for key, data in storages.items():
            add(root + "/data/" + key, data)
        for name, data in extra:
            add(name, data)
    return out.getvalue()


# A GRU: 2 symbols, 2 hidden, 2 classes.
SHAPES = {"rnn.weight_ih_l0": (6, 2), "rnn.weight_hh_l0": (6, 2), "rnn.bias_ih_l0": (6,), "rnn.bias_hh_l0": (6,), "fc.weight": (2, 2),
          "fc.bias": (2,)}


def numbers_of(size):
    count = 1
    for n in size:
        count *= n
    return [((7 * i + 3) % 11 - 5) / 8 for i in range(count)]


def network(shapes=SHAPES, change=None, values=None, extra=(), order="<"):
    """A state_dict of these shapes; change replaces descriptions, values replaces the numbers of some tensors."""
    pairs, storages = [], {}
    for i, (name, size) in enumerate(shapes.items()):
        numbers = (values or {}).get(name, numbers_of(size))
        storages[str(i)] = numbers if isinstance(numbers, bytes) else struct.pack("%s%df" % (order, len(numbers)), *numbers)
        pairs.append((name, (change or {}).get(name, tensor(str(i), size))))
    return archive(b"\x80\x02" + value(pairs) + b".", storages, extra=extra)


def shapes(**more):
    """SHAPES with tensors added, changed, or taken away (None); __ stands for a dot."""
    out = dict(SHAPES)
    for name, size in more.items():
        name = name.replace("__", ".")
        if size is None:
            del out[name]
        else:
            out[name] = size
    return out


def program(opcodes):
    return archive(b"\x80\x02" + opcodes, {"0": b"\0" * 16})


def one(description):
    """A state_dict of one tensor, whose storage has 4 numbers."""
    return program(value([("w", description)]) + b".")


# ---- Modules, programs, checkpoints: the tensors of SHAPES in other clothes ----

PAIRS = [(name, tensor(str(i), size)) for i, (name, size) in enumerate(SHAPES.items())]
OBJECT = b"c__main__\nNet\n)\x81"


def module_file(top):
    storages = {str(i): struct.pack("<%df" % len(numbers_of(size)), *numbers_of(size)) for i, size in enumerate(SHAPES.values())}
    return archive(b"\x80\x02" + (top if isinstance(top, bytes) else value(top)) + b".", storages)


def parameters(prefix):
    return [(name[len(prefix):], t) for name, t in PAIRS if name.startswith(prefix)]


def module(tensors, modules=(), memo=False):
    state = [("training", True), ("_parameters", tensors), ("_buffers", EMPTY_DICT), ("_modules", list(modules))]
    return Raw(OBJECT + (b"q\0" if memo else b"") + value(state) + b"b")


def nested_modules(depth, times):
    """A module in a module ...; each holds the next one so many times."""
    state = lambda inner: value([("_parameters", EMPTY_DICT), ("_modules", inner)]) + b"b"
    out = OBJECT + state([])
    for i in range(depth):
        inner = [("m0", Raw(out + b"q" + bytes([i])))] + [("m%d" % k, Raw(b"h" + bytes([i]))) for k in range(1, times)]
        out = OBJECT + state(inner)
    return Raw(out)


def program_object(attributes):
    return Raw(b"c__torch__\nNet\n)\x81" + value(attributes) + b"b")


def value_of_state(key):
    return Raw(value([("w", tensor(key, (2,), numbers=12))]))


# ---- PyTorch before 1.6 ----

def old_storage(key, numbers, part=None, kind="FloatStorage"):
    return Raw(value(("storage", Raw(b"ctorch\n" + kind.encode() + b"\n"), key, "cpu", numbers, NONE if part is None else part)) + b"Q")


NONE = Raw(b"N")
MAGIC = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
HEAD = MAGIC + b"\x80\x02M\xe9\x03.\x80\x02}."


def old_tensor(place, size):
    stride = (size[1], 1) if len(size) == 2 else (1,)
    return Raw(b"ctorch._utils\n_rebuild_tensor_v2\n" + value((place, 0, size, stride, False, EMPTY_DICT)) + b"R")


def old(change=None, keys=None, data=None, more=b"", head=HEAD):
    """A legacy file of SHAPES; change replaces descriptions, keys the list, data what follows it."""
    pairs = [(name, (change or {}).get(name, old_tensor(old_storage(str(i), len(numbers_of(size))), size)))
             for i, (name, size) in enumerate(SHAPES.items())]
    if keys is None:
        keys = b"](" + b"".join(value(str(i)) for i in range(len(SHAPES))) + b"e"
    if data is None:
        data = b"".join(struct.pack("<q%df" % len(numbers_of(s)), len(numbers_of(s)), *numbers_of(s)) for s in SHAPES.values())
    return head + b"\x80\x02" + value(pairs) + b".\x80\x02" + keys + b"." + data + more


def legacy():
    valid = old()
    bias = lambda *a, **k: {"fc.bias": old_tensor(old_storage("5", *a, **k), (2,))}
    files = {
        "valid": valid,
        "valid_view": old(bias(2, (("5v"), 0, 2))),
        "magic_alone": MAGIC,
        "magic_truncated": MAGIC[:-1],
        "version_alone": MAGIC + b"\x80\x02M\xe9\x03.",
        "version_1002": old(head=MAGIC + b"\x80\x02M\xea\x03.\x80\x02}."),
        "version_is_text": old(head=MAGIC + b"\x80\x02" + value("1001") + b".\x80\x02}."),
        "object_truncated": valid[:60],
        "no_storages": old(keys=b"]", data=b""),
        "keys_are_tuple": old(keys=b")", data=b""),
        "key_is_integer": old(keys=b"](" + value(1) + b"e"),
        "key_unknown": old(keys=b"](" + value("x") + b"e"),
        "key_twice": old(keys=b"](" + value("0") * 2 + b"e"),
        "truncated_in_count": valid[:-12],
        "truncated_in_values": valid[:-1],
        "count_of_2_to_63": old(data=struct.pack("<Q", 1 << 63)),
        "count_of_2_to_62": old(data=struct.pack("<Q", (1 << 62) + 1)),
        "bytes_after_last_storage": valid + b"1234",
        "storage_shorter_than_said": old(bias(3)),
        "storage_of_two_types": old({"fc.bias": old_tensor(old_storage("0", 2, kind="DoubleStorage"), (2,))}),
        "view_beyond_storage": old(bias(2, ("5v", 1, 2))),
        "view_at_huge_offset": old(bias(2, ("5v", (1 << 63) - 1, 1))),
        "view_shorter_than_tensor": old(bias(2, ("5v", 0, 1))),
        "view_of_two_members": old(bias(2, ("5v", 0))),
        "view_negative": old(bias(2, ("5v", -1, 2))),
        "module_id_without_source": HEAD + b"\x80\x02" + value(("module", Raw(b"c__main__\nNet\n"), "f")) + b"Q)\x81.\x80\x02].",
        "module_id_of_integer": HEAD + b"\x80\x02" + value(("module", 1, "f", "s")) + b"Q)\x81.\x80\x02].",
        "whole_model_without_state": HEAD + b"\x80\x02" + value(("module", Raw(b"c__main__\nNet\n"), "f", "s")) + b"Q)\x81.\x80\x02].",
    }
    for name, data in files.items():
        write("legacy", name + ".pt", data)


def pytorch():
    valid = network()
    files = {
        "valid": valid,
        "valid_big_endian": network(order=">", extra=[("archive/byteorder", b"big")]),
        "empty": b"",
        "truncated_archive": valid[:len(valid) // 2],
        "no_central_directory": b"PK\3\4" + b"\0" * 60,
        "compressed_bomb": archive(b"\x80\x02" + value([("w", tensor("0", (1 << 20,)))]) + b".", {"0": b"\0" * (1 << 22)},
                                   method=zipfile.ZIP_DEFLATED),
        "tensor_of_2_to_60_values": one(tensor("0", (1 << 60,))),
        "size_product_overflow": one(tensor("0", (1 << 32, 1 << 32), (0, 0), numbers=4)),
        "broadcast_by_stride_0": one(tensor("0", (60000, 60000), (0, 0), numbers=4)),
        "negative_stride": one(tensor("0", (2, 2), (-2, 1))),
        "stride_overflow": one(tensor("0", (3, 1), ((1 << 63) - 1, 1), numbers=4)),
        "stride_beyond_storage": one(tensor("0", (2, 2), (3, 1), numbers=4)),
        "offset_beyond_storage": one(tensor("0", (2,), offset=3, numbers=4)),
        "negative_offset": one(tensor("0", (2,), offset=-1, numbers=4)),
        "rank_9": one(tensor("0", (1,) * 9)),
        "size_and_stride_of_different_ranks": one(tensor("0", (2, 2), (2,))),
        "missing_storage": one(tensor("7", (2,))),
        "storage_outside_archive": one(tensor("../../../etc/passwd", (2,))),
        "storage_shorter_than_said": one(tensor("0", (5,))),
        "storage_key_with_zero_byte": one(tensor(b"0\0", (2,))),
        "storage_tag_unknown": one(tensor("0", (2,), tag="module")),
        "tensor_with_two_arguments": one(Raw(b"ctorch._utils\n_rebuild_tensor_v2\n" + value((storage("0", 4), 0)) + b"R")),
        "parameter_without_arguments": one(Raw(b"ctorch._utils\n_rebuild_parameter\n)R")),
        "parameter_of_parameter": one(Raw(b"ctorch._utils\n_rebuild_parameter\n(ctorch._utils\n_rebuild_parameter\n)Rt" b"R")),
        "global_os_system": program(b"cos\nsystem\n" + value(("true",)) + b"R."),
        "global_without_end": program(b"cos"),
        "global_by_stack": program(value("posix") + value("system") + b"\x93" + value(("true",)) + b"R."),
        "global_by_integers": program(value(1) + value(2) + b"\x93."),
        "whole_model_without_state": program(b"c__main__\nNet\n)\x81."),
        "module_valid": module_file(module([], [("rnn", module(parameters("rnn."))), ("fc", module(parameters("fc.")))])),
        "module_that_contains_itself": module_file(Raw(module([], [("rnn", Raw(b"h\0"))], memo=True))),
        "module_nested_70_deep": module_file(nested_modules(70, 1)),
        "module_shared_2_to_40_times": module_file(nested_modules(40, 2)),
        "module_of_text": module_file(module([], [("rnn", "text")])),
        "module_parameter_is_text": module_file(module([("weight", "text")], [])),
        "module_parameter_key_is_integer": module_file(module([(1, tensor("0", (6, 2)))], [])),
        "module_attributes_of_integer_key": module_file(module([], [(1, module([]))])),
        "module_modules_is_list": module_file(Raw(OBJECT + value([("_modules", Raw(b"]")), ("_parameters", Raw(b"]"))]) + b"b")),
        "module_state_huge_by_memo": program(OBJECT + b"q\0" + value([("k%d" % i, 1) for i in range(2000)]) + b"q\1b" +
                                             b"h\1b" * 2000 + b"."),
        "checkpoint_of_two_models": module_file(value([("a", value_of_state("0")), ("b", value_of_state("0"))])),
        "checkpoint_of_many_keys_for_one_model": module_file(
            value([("k", Raw(value(PAIRS) + b"q\0"))] + [("k%d" % i, Raw(b"h\0")) for i in range(300)])),
        "script_valid": module_file(program_object([("rnn", program_object(parameters("rnn."))), ("fc", program_object(parameters("fc.")))])),
        "script_that_contains_itself": module_file(Raw(b"c__torch__\nNet\n)\x81q\0" + value([("rnn", Raw(b"h\0"))]) + b"b")),
        "script_list_of_long_list": module_file(program_object([("l%d" % i, Raw(b"h\0" if i else b"](" + b"N" * 3000 + b"eq\0"))
                                                                for i in range(2000)])),
        "script_tensor_in_list": module_file(program_object(
            [("rnn", program_object(parameters("rnn."))), ("fc", program_object(parameters("fc."))),
             ("more", Raw(b"](" + tensor("0", (6, 2)) + tensor("0", (2, 2), numbers=12) + b"e"))])),
        "call_of_text": program(value("system") + value(("true",)) + b"R."),
        "call_of_storage_class": program(b"ctorch\nFloatStorage\n" + value((1 << 40,)) + b"R."),
        "call_without_tuple": program(b"ccollections\nOrderedDict\nNR."),
        "ordered_dict_of_integer": program(b"ccollections\nOrderedDict\n" + value((1,)) + b"R."),
        "ordered_dict_of_integers": program(b"ccollections\nOrderedDict\n(](" + value(1) + b"etR."),
        "ordered_dict_of_triples": program(b"ccollections\nOrderedDict\n(](" + value((1, 2, 3)) + b"etR."),
        "ordered_dict_of_pairs_valid": module_file(Raw(b"ccollections\nOrderedDict\n(](" + b"".join(
            b"](" + value(k) + value(v) + b"e" for k, v in PAIRS) + b"etR")),
        "attributes_of_integer": program(value(1) + b"}b."),
        "stack_underflow": program(b"R."),
        "stack_underflow_below_mark": program(value(1) + value(2) + b"(\x86."),
        "mark_on_empty_stack": program(b"(1."),
        "mark_missing": program(b"t."),
        "nothing_on_stack": program(b"."),
        "memo_missing": program(b"h\5."),
        "memo_index_huge": program(b"Nr\xff\xff\xff\xff."),
        "memo_of_nothing": program(b"q\0."),
        "deep_nesting": program(b"]" * 20000 + b"a" * 19999 + b"."),
        "list_that_contains_itself": program(b"}" + value("w") + b"]q\0h\0as."),
        "dictionary_that_contains_itself": program(b"}q\0" + value("w") + b"h\0s."),
        "append_to_integer": program(value(1) + value(2) + b"a."),
        "items_without_container": program(b"(" + value("a") + value(1) + b"u."),
        "key_without_value": program(b"}(" + value("a") + b"u."),
        "integer_beyond_64_bits": program(b"\x8a\x10" + b"\1" * 16 + b"."),
        "truncated_pickle": program(b"}(" + value("name")[:6]),
        "text_longer_than_pickle": program(b"X\xff\xff\xff\xffabc."),
        "text_longer_than_memory": program(b"\x8d" + b"\xff" * 8 + b"abc."),
        "opcode_inst": program(b"(ios\nsystem\n."),
        "opcode_unknown": program(b"\xfe."),
        "protocol_unknown": archive(b"\x80\x63N.", {}),
        "pickle_empty": archive(b"", {}),
        "top_is_list": program(b"]."),
        "state_dict_empty": program(b"}."),
        "checkpoint": program(value([("epoch", 3)]) + b"."),
        "checkpoint_nested": program(value([("model_state_dict", EMPTY_DICT)]) + b"."),
        "key_is_integer": program(value([(1, tensor("0", (2,)))]) + b"."),
        "key_empty": program(value([("", tensor("0", (2,)))]) + b"."),
        "key_not_utf8": program(value([(b"\xff", tensor("0", (2,)))]) + b"."),
        "key_with_line_feed": program(value([("a\nb", tensor("0", (2,)))]) + b"."),
        "duplicate_key": program(value([("w", tensor("0", (2,))), ("w", tensor("0", (2,)))]) + b"."),
        "many_views_of_one_storage": archive(b"\x80\x02" + value([("w%d" % i, tensor("0", (512,))) for i in range(40)]) + b".",
                                             {"0": b"\0" * 2048}),
        "no_data_pkl": archive(None, {"0": b"\0" * 16}),
        "two_data_pkl": network(extra=[("other/data.pkl", b"\x80\x02}.")]),
        "constants_valid": network(extra=[("archive/constants.pkl", b"\x80\x02).")]),
        "constants_truncated": network(extra=[("archive/constants.pkl", b"\x80\x02(")]),
        "numpy_archive": archive(None, {}, extra=[("weight.npy", b"\x93NUMPY")]),
        "keras_archive": archive(None, {}, extra=[("config.json", b"{}"), ("model.weights.h5", b"\x89HDF")]),
        "byteorder_unknown": network(extra=[("archive/byteorder", b"middle")]),
        "bare_pickle": b"\x80\x04}.",
        "hdf5": b"\x89HDF\r\n\x1a\n" + b"\0" * 16,
        "onnx": b"\x08\x07\x12\x07pytorch\x1a\x041.13",
        "unknown_content": b"weights, trust me\n",
        "integer_weights": network(change={"fc.weight": tensor("4", (2, 2), numbers=16, kind="CharStorage")}),
        "nan_weight": network(values={"fc.weight": [0, 1, 2, float("nan")]}),
        "infinite_weight": network(values={"rnn.bias_hh_l0": [0, 0, float("-inf"), 0, 0, 0]}),
        "float64_beyond_float32": network(change={"fc.bias": tensor("5", (2,), kind="DoubleStorage")},
                                          values={"fc.bias": struct.pack("<2d", 0, 1e300)}),
        "bidirectional": network(shapes(rnn__weight_ih_l0_reverse=(6, 2), rnn__weight_hh_l0_reverse=(6, 2))),
        "projection": network(shapes(rnn__weight_hr_l0=(1, 2))),
        "two_networks": network(shapes(decoder__weight_ih_l0=(6, 2), decoder__weight_hh_l0=(6, 2))),
        "layers_with_gap": network(shapes(rnn__weight_ih_l2=(6, 2), rnn__weight_hh_l2=(6, 2))),
        "layers_of_different_widths": network(shapes(rnn__weight_ih_l1=(9, 2), rnn__weight_hh_l1=(9, 3))),
        "layer_9999": network(shapes(rnn__weight_ih_l9999=(6, 2))),
        "weight_ih_missing": network(shapes(rnn__weight_ih_l0=None)),
        "weight_hh_is_vector": network(shapes(rnn__weight_hh_l0=(12,))),
        "gates_of_no_cell": network(shapes(rnn__weight_hh_l0=(10, 2))),
        "no_hidden_units": network(shapes(rnn__weight_hh_l0=(6, 0))),
        "no_input_columns": network(shapes(rnn__weight_ih_l0=(6, 0))),
        "bias_too_short": network(shapes(rnn__bias_hh_l0=(5,))),
        "elman_cell_not_said": network({"weight_ih_l0": (2, 2), "weight_hh_l0": (2, 2), "out.weight": (2, 2)}),
        "head_of_wrong_width": network(shapes(fc__weight=(2, 3))),
        "head_without_rows": network(shapes(fc__weight=(0, 2))),
        "head_bias_too_long": network(shapes(fc__bias=(3,))),
        "head_of_two_layers": network(shapes(fc2__weight=(2, 2), fc2__bias=(2,))),
        "head_missing": network(shapes(fc__weight=None, fc__bias=None)),
        "two_embeddings": network(shapes(embedding__weight=(5, 2), EMB2=(5, 2))),
        "initial_state_of_wrong_shape": network(shapes(h0=(2, 2))),
        "unused_tensor": network(shapes(scale=(1,))),
        "no_recurrent_layer": network({"fc.weight": (2, 2), "fc.bias": (2,)}),
    }
    files["crc_wrong"] = damage_last_storage(valid)
    files["entry_claims_2_gigabytes"] = claim_sizes(valid)
    files["entries_that_overlap"] = overlapping()
    for name, data in files.items():
        write("pytorch", name + ".pt", data)


def damage_last_storage(data):
    first_central = data.index(b"PK\1\2")
    return data[:first_central - 1] + bytes([data[first_central - 1] ^ 1]) + data[first_central:]


def claim_sizes(data):
    """The last entry of the central directory claims 2 GiB - 1."""
    at = data.rindex(b"PK\1\2")
    return data[:at + 20] + struct.pack("<II", 0x7fffffff, 0x7fffffff) + data[at + 28:]


def overlapping():
    """Entries data/0 to data/7 of the central directory all mean the same 2 KiB."""
    pairs = [("w%d" % i, tensor(str(i), (512,))) for i in range(8)]
    data = archive(b"\x80\x02" + value(pairs) + b".", {str(i): b"\0" * (2048 if i == 0 else 0) for i in range(8)})
    out, first = bytearray(data), None
    at = data.index(b"PK\1\2")
    while data[at:at + 4] == b"PK\1\2":
        length = struct.unpack("<H", data[at + 28:at + 30])[0]
        name = data[at + 46:at + 46 + length]
        if name == b"archive/data/0":
            first = data[at + 16:at + 28], data[at + 42:at + 46]
        elif first:
            out[at + 16:at + 28], out[at + 42:at + 46] = first
        at += 46 + length
    return bytes(out)


# ---- safetensors ----

def header_of(sizes=SHAPES):
    header, at = {}, 0
    for name, size in sizes.items():
        length = 4 * len(numbers_of(size))
        header[name] = {"dtype": "F32", "shape": list(size), "data_offsets": [at, at + length]}
        at += length
    return header, at


def safe(header, data):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def changed(name="fc.bias", data=None, **members):
    """The valid file with members of one tensor's entry changed; None takes one away."""
    header, length = header_of()
    for key, v in members.items():
        if v is None:
            del header[name][key]
        else:
            header[name][key] = v
    return safe(header, floats() if data is None else data)


def peepholes(gates, shape, layers=1):
    """Two units and two symbols, with peepholes in layer 0."""
    sizes = {"rnn.weight_peephole_l0": shape, "fc.weight": [2, 2]}
    for layer in range(layers):
        sizes["rnn.weight_ih_l%d" % layer] = sizes["rnn.weight_hh_l%d" % layer] = [2 * gates, 2]
    header, length = header_of(sizes)
    return safe(header, b"".join(struct.pack("<f", i % 7 / 4 - 0.75) for i in range(length // 4)))


def floats():
    return b"".join(struct.pack("<%df" % len(numbers_of(s)), *numbers_of(s)) for s in SHAPES.values())


def safetensors():
    header, length = header_of()
    data = floats()
    text = json.dumps(header)
    valid = safe(header, data)
    files = {
        "valid": valid,
        "valid_with_metadata": safe({"__metadata__": {"format": "pt"}, **header}, data),
        "empty": b"",
        "seven_bytes": valid[:7],
        "header_length_alone": valid[:8],
        "header_length_2_to_64": b"\xff" * 8 + valid[8:],
        "header_length_beyond_file": struct.pack("<Q", len(valid)) + valid[8:],
        "header_length_zero": struct.pack("<Q", 0) + valid[8:],
        "header_of_2_megabytes": struct.pack("<Q", 1 << 21) + b"{" + b" " * 16,
        "header_is_array": safe(b"[]", b""),
        "header_not_json": safe(b"{\"fc.bias\": }", data),
        "header_not_utf8": safe(text.replace("fc.bias", "fc.\udcff").encode("utf-8", "surrogateescape"), data),
        "header_nested_3000_deep": safe(b"{\"a\": " + b"[" * 3000 + b"]" * 3000 + b"}", b""),
        "header_with_comment": safe(b"{} // trailing", b""),
        "truncated_data": valid[:-3],
        "bytes_after_last_tensor": valid + b"\0\0\0\0",
        "duplicate_keys": safe(text.replace("fc.bias", "fc.weight").encode(), data),
        "entry_is_array": safe({**header, "fc.bias": [1]}, data),
        "entry_with_more_members": changed(strides=[1]),
        "dtype_missing": changed(dtype=None),
        "dtype_unknown": changed(dtype="F4"),
        "dtype_is_integer": changed(dtype=32),
        "dtype_of_other_size": changed(dtype="F64"),
        "integer_weights": changed(dtype="I32"),
        "shape_missing": changed(shape=None),
        "shape_of_other_size": changed(shape=[3]),
        "shape_negative": changed(shape=[-2]),
        "shape_not_integer": changed(shape=[2.0]),
        "shape_product_overflow": changed(shape=[1 << 32, 1 << 32]),
        "shape_of_2_to_60_values": changed(shape=[1 << 60]),
        "shape_beyond_64_bits": changed(shape=[1 << 70]),
        "shape_of_rank_9": changed(shape=[1] * 8 + [2]),
        "offsets_missing": changed(data_offsets=None),
        "offsets_of_three": changed(data_offsets=[0, 8, 16]),
        "offsets_reversed": changed(data_offsets=[length, length - 8]),
        "offsets_beyond_file": changed(data_offsets=[length, length + 8]),
        "offsets_that_overlap": changed(data_offsets=[length - 12, length - 4], data=data[:-4]),
        "offsets_with_hole": changed(data_offsets=[length + 8, length + 16], data=data + b"\0" * 16),
        "name_empty": safe(text.replace("fc.bias", "").encode(), data),
        "name_with_control_character": safe(text.replace("fc.bias", "fc\\nbias").encode(), data),
        "nan_weight": safe(header, data[:-4] + struct.pack("<f", float("nan"))),
        "no_tensors": safe({}, b""),
        "wrong_shape_of_head": changed("fc.weight", shape=[4, 1]),
        "valid_peephole": peepholes(4, [6]),
        "peephole_of_gru": peepholes(3, [6]),
        "peephole_of_wrong_shape": peepholes(4, [3, 2]),
        "peephole_of_one_layer": peepholes(4, [6], layers=2),
    }
    for name, content in files.items():
        write("safetensors", name + ".safetensors", content)


# ---- Cards, all of them for tests/data/network/gru.pt ----

def cards():
    files = {
        "valid": {"rnnsafe": 1, "cell": "gru", "alphabet": ["coin", "push"], "outputs": ["idle", "ready"], "input": "onehot",
                  "head": [{"weight": "fc.weight", "bias": "fc.bias", "activation": "none"}], "ignore": [], "description": "a vending machine"},
        "alphabet_not_said": {"rnnsafe": 1},
        "empty": "",
        "not_json": "{\n  \"rnnsafe\": 1,\n  \"cell\" \"gru\"\n}\n",
        "truncated": "{\"rnnsafe\": 1, \"cell\": \"gr",
        "trailing_text": "{\"rnnsafe\": 1} x",
        "not_utf8": b"{\"rnnsafe\": 1, \"description\": \"\xff\"}",
        "zero_byte_in_text": "{\"rnnsafe\": 1, \"cell\": \"gru\\u0000\"}",
        "nested_3000_deep": "[" * 3000,
        "is_array": [1],
        "other_json": {"model_type": "gru"},
        "version_2": {"rnnsafe": 2},
        "version_is_text": {"rnnsafe": "1"},
        "unknown_member": "{\n  \"rnnsafe\": 1,\n  \"alphabets\": [\"a\"]\n}\n",
        "duplicate_member": "{\"rnnsafe\": 1, \"cell\": \"gru\", \"cell\": \"lstm\"}",
        "cell_unknown": {"rnnsafe": 1, "cell": "GRU"},
        "cell_that_contradicts": {"rnnsafe": 1, "cell": "lstm"},
        "alphabet_is_text": {"rnnsafe": 1, "alphabet": "a b"},
        "alphabet_empty": {"rnnsafe": 1, "alphabet": []},
        "alphabet_of_integers": {"rnnsafe": 1, "alphabet": [0, 1]},
        "alphabet_repeats": {"rnnsafe": 1, "alphabet": ["a", "a"]},
        "alphabet_with_blank": {"rnnsafe": 1, "alphabet": ["a b", "c"]},
        "alphabet_too_long": {"rnnsafe": 1, "alphabet": ["a", "b", "c"]},
        "outputs_too_short": {"rnnsafe": 1, "outputs": ["a"]},
        "input_unknown": {"rnnsafe": 1, "input": "one-hot"},
        "input_embedding_without_one": {"rnnsafe": 1, "input": "embedding"},
        "embedding_missing": {"rnnsafe": 1, "embedding": "emb.weight"},
        "cell_gru_before": {"rnnsafe": 1, "cell": "gru-before", "alphabet": ["a", "b"]},
        "hard_sigmoid": {"rnnsafe": 1, "alphabet": ["a", "b"], "hard_sigmoid": 0.2},
        "hard_sigmoid_is_text": {"rnnsafe": 1, "hard_sigmoid": "0.2"},
        "hard_sigmoid_negative": {"rnnsafe": 1, "hard_sigmoid": -0.2},
        "threshold_is_text": {"rnnsafe": 1, "threshold": "0"},
        "threshold_beyond_float32": {"rnnsafe": 1, "threshold": 1e300},
        "threshold_for_two_logits": {"rnnsafe": 1, "threshold": 0.5},
        "head_empty": {"rnnsafe": 1, "head": []},
        "head_of_texts": {"rnnsafe": 1, "head": ["fc.weight"]},
        "head_without_weight": {"rnnsafe": 1, "head": [{"bias": "fc.bias"}]},
        "head_with_unknown_member": {"rnnsafe": 1, "head": [{"weight": "fc.weight", "act": "relu"}]},
        "head_activation_unknown": {"rnnsafe": 1, "head": [{"weight": "fc.weight", "bias": "fc.bias", "activation": "gelu"}]},
        "head_weight_missing": {"rnnsafe": 1, "head": [{"weight": "out.weight"}]},
        "head_weight_used_twice": {"rnnsafe": 1, "head": [{"weight": "fc.weight"}, {"weight": "fc.weight"}]},
        "head_bias_forgotten": {"rnnsafe": 1, "head": [{"weight": "fc.weight"}]},
        "head_of_wrong_shape": {"rnnsafe": 1, "head": [{"weight": "fc.bias"}]},
        "head_of_used_tensor": {"rnnsafe": 1, "head": [{"weight": "rnn.bias_ih_l0", "bias": "fc.bias"}]},
        "initial_is_text": {"rnnsafe": 1, "initial": "h0"},
        "initial_with_unknown_member": {"rnnsafe": 1, "initial": {"z": "h0"}},
        "initial_missing": {"rnnsafe": 1, "initial": {"h": "h0"}},
        "initial_of_wrong_shape": {"rnnsafe": 1, "initial": {"h": "fc.bias"}},
        "initial_cell_state_of_gru": {"rnnsafe": 1, "initial": {"c": "c0"}},
        "ignore_of_integers": {"rnnsafe": 1, "ignore": [1]},
        "ignore_missing_tensor": {"rnnsafe": 1, "ignore": ["scale"]},
        "ignore_needed_tensor": {"rnnsafe": 1, "ignore": ["rnn.weight_ih_l0"]},
        "ignore_everything": {"rnnsafe": 1, "ignore": ["rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.bias_ih_l0", "rnn.bias_hh_l0"]},
        "description_is_array": {"rnnsafe": 1, "description": []},
    }
    for name, content in files.items():
        if isinstance(content, (dict, list)):
            content = json.dumps(content, indent=1) + "\n"
        write("card", name + ".json", content.encode() if isinstance(content, str) else content)


pytorch()
legacy()
safetensors()
cards()
