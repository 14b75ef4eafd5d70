#!/usr/bin/python3
"""Writes corpus/npz: archives named after their defect. tests/unit/network_npz.c says what each one gives."""
import io
import os
import struct
import zipfile

import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "npz")

# A GRU: 2 symbols, 2 hidden, 2 classes.
SHAPES = {"rnn.weight_ih_l0": (6, 2), "rnn.weight_hh_l0": (6, 2), "rnn.bias_ih_l0": (6,), "rnn.bias_hh_l0": (6,),
          "fc.weight": (2, 2), "fc.bias": (2,)}
VALUES = {k: np.linspace(-1, 1, int(np.prod(v))).reshape(v).astype("<f4") for k, v in SHAPES.items()}


def npy(values, **options):
    out = io.BytesIO()
    np.lib.format.write_array(out, np.asanyarray(values), **options)
    return out.getvalue()


def raw(header, data=b"", version=b"\1\0", length=None):
    header = header.encode() if isinstance(header, str) else header
    size = len(header) if length is None else length
    return b"\x93NUMPY" + version + struct.pack("<H" if version[0] == 1 else "<I", size) + header + data


def write(name, changes=(), extra=(), method=zipfile.ZIP_STORED):
    entries = {k + ".npy": npy(v) for k, v in VALUES.items()}
    entries.update(changes)
    with open(os.path.join(FOLDER, name + ".npz"), "wb") as f:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as z:
            for k, v in list(entries.items()) + list(extra):
                info = zipfile.ZipInfo(k, (1980, 1, 1, 0, 0, 0))
                info.compress_type = method
                z.writestr(info, v)
        f.write(out.getvalue() if name != "truncated_archive" else out.getvalue()[:-40])


def bias(name, data):
    write(name, {"fc.bias.npy": data})


os.makedirs(FOLDER, exist_ok=True)
EIGHT = b"\0" * 8
write("valid")
write("valid_compressed", method=zipfile.ZIP_DEFLATED)
write("truncated_archive")
write("duplicate_name", extra=[("fc.bias.npy", npy(VALUES["fc.bias"]))])
write("entry_is_no_array", extra=[("readme.txt", b"hello")])
write("entry_without_name", extra=[(".npy", npy(VALUES["fc.bias"]))])
write("name_not_utf8", extra=[("a\n.npy", npy(VALUES["fc.bias"]))])
write("unused_integers", extra=[("epoch.npy", npy(np.uint32(3)))])
write("bomb", extra=[("bomb.npy", raw("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000,)}", b"\0" * 4000000))],
      method=zipfile.ZIP_DEFLATED)
bias("empty_entry", b"")
bias("magic_wrong", b"\x93NUMPX" + npy(VALUES["fc.bias"])[6:])
bias("version_4", raw("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", EIGHT, b"\4\0"))
bias("header_truncated", raw("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", b"", length=60000))
bias("header_length_truncated", b"\x93NUMPY\2\0\1\0")
bias("header_of_4_gigabytes", raw("{}", b"", b"\2\0", 0xffffffff))
bias("header_empty", raw("", EIGHT))
bias("header_no_dictionary", raw("['descr']", EIGHT))
bias("header_is_expression", raw("__import__('os').system('true')", EIGHT))
bias("header_value_is_call", raw("{'descr': str(1), 'fortran_order': False, 'shape': (2,)}", EIGHT))
bias("header_without_shape", raw("{'descr': '<f4', 'fortran_order': False}", EIGHT))
bias("header_repeats_member", raw("{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", EIGHT))
bias("header_unknown_member", raw("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}", EIGHT))
bias("header_goes_on", raw("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} + 1", EIGHT))
bias("header_without_comma", raw("{'descr': '<f4' 'fortran_order': False, 'shape': (2,)}", EIGHT))
bias("header_without_quote", raw("{'descr", EIGHT))
bias("fortran_order_unknown", raw("{'descr': '<f4', 'fortran_order': 1, 'shape': (2,)}", EIGHT))
bias("shape_is_integer", raw("{'descr': '<f4', 'fortran_order': False, 'shape': (2)}", EIGHT))
bias("shape_negative", raw("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}", EIGHT))
bias("shape_beyond_64_bits", raw("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", EIGHT))
bias("shape_product_overflow", raw("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296,)}", EIGHT))
bias("shape_of_9_dimensions", raw("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,2)}", EIGHT))
bias("shape_without_end", raw("{'descr': '<f4', 'fortran_order': False, 'shape': (2,", EIGHT))
bias("data_truncated", npy(VALUES["fc.bias"])[:-1])
bias("data_too_long", npy(VALUES["fc.bias"]) + b"\0")
bias("type_object", raw("{'descr': '|O', 'fortran_order': False, 'shape': (2,)}", b"cposix\nsystem\n(S'true'\ntR."))
bias("type_complex", npy(np.zeros(2, "<c8")))
bias("type_text", npy(np.array(["a", "b"])))
bias("type_void", npy(np.zeros(2, "V2")))
bias("type_with_fields", npy(np.zeros(2, [("a", "<f4")])))
bias("type_empty", raw("{'descr': '', 'fortran_order': False, 'shape': (2,)}", EIGHT))
bias("type_of_native_order", raw("{'descr': '=f4', 'fortran_order': False, 'shape': (2,)}", EIGHT))
bias("integer_weights", npy(np.arange(2, dtype="<i8")))
bias("nan_weight", npy(np.array([np.nan, 0], "<f4")))
bias("wrong_shape", npy(np.zeros(3, "<f4")))
bias("python_2", raw("{'descr': '<f4', 'fortran_order': False, 'shape': (2L,), }", EIGHT))
