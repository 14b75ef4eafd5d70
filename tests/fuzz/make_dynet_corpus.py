#!/usr/bin/python3
"""Writes corpus/dynet: text files named after their defect. tests/unit/network_dynet.c says what each one gives."""
import os

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "dynet")
H = 2


def block(shape, kind="Parameter", count=None, name=None, tail="ZERO_GRAD", number="+1.00000000e-01"):
    block.names += 1
    size = 1
    for n in shape:
        size *= n
    values = (number + " ") * (size if count is None else count)
    return "#%s# %s {%s} %d %s\n%s\n" % (kind, "/_%d" % block.names if name is None else name, ",".join(map(str, shape)), len(values) + 1,
                                         tail, values)


block.names = 0
LOOKUP = block((2, 2), "LookupParameter", name="/_0")
HEAD = block((2, H)) + block((2,))
TRIPLE = [block((H, 2)) + block((H, H)) + block((H,)) for _ in range(8)]
H0, C0, MORE = block((H,)), block((H,)), block((H,))
GRU = "".join(TRIPLE[:3])
WEISS = HEAD + GRU + H0


def write(name, text):
    with open(os.path.join(FOLDER, name + ".txt"), "wb") as f:
        f.write(text.encode("latin-1"))


os.makedirs(FOLDER, exist_ok=True)
write("valid", WEISS + LOOKUP)
write("valid_lstm", HEAD + "".join(TRIPLE[:4]) + H0 + C0 + LOOKUP)
write("valid_gru_builder_two_layers", HEAD + "".join(TRIPLE[:6]) + LOOKUP)
write("valid_lookup_first", LOOKUP + WEISS)
write("valid_without_last_line_feed", (WEISS + LOOKUP)[:-1])
write("valid_carriage_returns", (WEISS + LOOKUP).replace("\n", "\r\n"))
write("block_unknown", WEISS + LOOKUP + "#Tensor# /_9 {2} 33 ZERO_GRAD\n1 2\n")
write("block_without_name", "#Parameter# \n")
write("dimensions_missing", WEISS + "#Parameter# /_99\n1 2\n")
write("dimensions_of_3", WEISS + block((2, 2, 1)))
write("dimensions_zero", WEISS + block((0,)))
write("dimensions_not_closed", WEISS + block((2,)).replace("}", ""))
write("dimensions_with_batch", WEISS + block((2,)).replace("{2}", "{2X1}"))
write("dimensions_beyond_64_bits", WEISS + block((2,)).replace("{2}", "{99999999999999999999}"))
write("dimensions_that_overflow", WEISS + block((2,)).replace("{2}", "{4294967296,4294967296}"))
write("dimensions_beyond_file", WEISS + block((2,)).replace("{2}", "{1000000}"))
write("bytes_no_number", WEISS + "#Parameter# /_99 {2} many ZERO_GRAD\n1 2\n")
write("gradient_unknown", WEISS + "#Parameter# /_99 {2} 33 HALF_GRAD\n1 2\n")
write("gradient_missing", WEISS + block((2,), tail="FULL_GRAD") + LOOKUP)
write("words_after_gradient", WEISS + block((2,), tail="ZERO_GRAD more"))
write("numbers_too_few", WEISS + block((2,), count=1) + LOOKUP)
write("numbers_too_many", WEISS + block((2,), count=3) + LOOKUP)
write("number_is_word", WEISS + block((2,), number="one"))
write("number_with_tail", WEISS + block((2,), number="1.0e"))
write("number_of_100_digits", WEISS + block((2,), number="1" * 100))
write("number_nan", HEAD + GRU + block((H,), number="nan") + LOOKUP)
write("number_infinite", HEAD + GRU + block((H,), number="+1e99") + LOOKUP)
write("name_twice", WEISS + H0 + LOOKUP)
write("name_not_utf8", WEISS + block((2,), name="/\xff"))
write("two_lookups", WEISS + LOOKUP + block((2, 2), "LookupParameter", name="/_1000"))
write("lookup_of_one_dimension", WEISS + block((2,), "LookupParameter"))
write("lookup_of_wrong_width", WEISS + block((3, 2), "LookupParameter"))
write("head_missing", GRU + H0 + LOOKUP)
write("one_parameter", H0)
write("layer_incomplete", HEAD + "".join(TRIPLE[:2]) + H0 + LOOKUP)
write("one_vector_too_many", WEISS + MORE + LOOKUP)
write("layers_of_different_widths", HEAD + GRU + H0 + (block((3, 2)) + block((3, 3)) + block((3,))) * 3 + block((3,)) + LOOKUP)
write("truncated_in_number", (WEISS + LOOKUP)[:-5])
write("truncated_in_header", WEISS[:-50])
write("header_alone", "#Parameter# /_1 {2} 33 ZERO_GRAD")
write("zero_byte", WEISS + block((2,), number="1\0"))
