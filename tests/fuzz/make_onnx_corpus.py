#!/usr/bin/python3
"""Writes corpus/onnx: small ONNX models, each named after its defect; those called valid* have none. tests/unit/network_onnx.c says
what each must give. Needs onnx 1.12 and NumPy."""
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "onnx")
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def write(name, data):
    with open(os.path.join(FOLDER, name + ".onnx"), "wb") as f:
        f.write(data if isinstance(data, bytes) else data.SerializeToString())


def numbers(*shape):
    return (((7 * np.arange(int(np.prod(shape))) + 3) % 11 - 5) / 8).astype(np.float32).reshape(shape)


def node(kind, inputs, outputs, name=None, **attributes):
    return helper.make_node(kind, inputs.split(), outputs.split(), name=kind if name is None else name, **attributes)


def blank(names):
    """"-" stands for an input or output that is left out."""
    return ["" if n == "-" else n for n in names]


def model(nodes, constants, shape=("t", "b", 3), kind=FLOAT, outputs=("y",), opset=14, inputs=None, ir=7, producer="hand", domain=""):
    for n in nodes:
        n.input[:], n.output[:] = blank(n.input), blank(n.output)
    inputs = inputs if inputs is not None else [helper.make_tensor_value_info("x", kind, shape)]
    tensors = [v if isinstance(v, onnx.TensorProto) else numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()]
    graph = helper.make_graph(nodes, "g", inputs, [helper.make_tensor_value_info(o, FLOAT, None) for o in outputs], tensors)
    return helper.make_model(graph, producer_name=producer, opset_imports=[helper.make_opsetid(domain, opset)], ir_version=ir)


def weights(kind="GRU", width=3, hidden=2, **more):
    g = GATES[kind]
    w = {"W": numbers(1, g * hidden, width), "R": numbers(1, g * hidden, hidden), "B": numbers(1, 2 * g * hidden), "V": numbers(hidden, 2),
         "b": numbers(2), "one": np.array([1], np.int64)}
    w.update(more)
    return {k: v for k, v in w.items() if v is not None}


HEAD = [node("Squeeze", "Y one", "h"), node("MatMul", "h V", "v"), node("Add", "v b", "y")]


def simple(kind="GRU", inputs="x W R B", outputs="Y", head=None, constants=None, before=(), options=None, change=None, **attributes):
    """A recurrent node and a head; attributes are the node's, options the model's."""
    attributes.setdefault("hidden_size", 2)
    if kind == "GRU":
        attributes.setdefault("linear_before_reset", 1)
    attributes = {k: v for k, v in attributes.items() if v is not None}
    nodes = list(before) + [node(kind, inputs, outputs, **attributes)] + [onnx.NodeProto.FromString(n.SerializeToString())
                                                                          for n in (HEAD if head is None else head)]
    m = model(nodes, weights(kind, **(constants or {})), **(options or {}))
    if change:
        change(m)
    return m


def tensor(name, kind, dims, **fields):
    return TensorProto(name=name, data_type=kind, dims=dims, **fields)


def external(location, offset="0", length=None, dims=(2,)):
    t = tensor("b", FLOAT, dims, data_location=TensorProto.EXTERNAL)
    for key, value in (("location", location), ("offset", offset), ("length", length)):
        if value is not None:
            t.external_data.add(key=key, value=value)
    return t


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def nested(depth, innermost, wrap):
    for _ in range(depth):
        innermost = wrap(innermost)
    return innermost


valid = simple()
V = valid.SerializeToString()
HEADER = b"\x08\x07\x12\x01a"  # the version, and who made it
I64 = np.int64


def reorder(m):
    nodes = list(m.graph.node)
    del m.graph.node[:]
    m.graph.node.extend(nodes[::-1])


def repeat(m):
    m.graph.node.extend([m.graph.node[1]])


def edit(function):
    """The valid model after a change."""
    m = simple()
    function(m)
    return m


def first_node(**fields):
    def change(m):
        for k, v in fields.items():
            setattr(m.graph.node[0], k, v)
    return change


LAST = [node("Squeeze", "Y one", "h"), node("Gather", "h index", "l", axis=0), node("MatMul", "l V", "v"), node("Add", "v b", "y")]


def gathered(index, axis=0, **options):
    head = [node("Squeeze", "Y one", "h"), node("Gather", "h index", "l", axis=axis), node("MatMul", "l V", "v"), node("Add", "v b", "y")]
    return simple(head=head, constants={"index": np.array(index, I64)}, options=options)


def behind(*nodes, **constants):
    """The head's Add gives a; then these nodes to y."""
    head = [node("Squeeze", "Y one", "h"), node("MatMul", "h V", "v"), node("Add", "v b", "a")] + list(nodes)
    return simple(head=head, constants=constants)


def between(*nodes, **constants):
    """From Y to h, then the head."""
    return simple(head=list(nodes) + HEAD[1:], constants=constants)


def stack(second="GRU", between=(), into="h1", **attributes):
    """Two recurrent layers."""
    kind = attributes.pop("first", "GRU")
    w = weights(kind)
    hidden = attributes.pop("hidden", 2)
    w.update({k + "2": v for k, v in weights(second, width=2, hidden=hidden).items() if k in "WRB"})
    if hidden != 2:
        w["V"] = numbers(hidden, 2)
    a = {"linear_before_reset": 1} if kind == "GRU" else {}
    if second == "GRU":
        attributes.setdefault("linear_before_reset", 1)
    nodes = [node(kind, "x W R B", "Y1 H1 " + ("C1" if kind == "LSTM" else ""), "first", hidden_size=2, **a), node("Squeeze", "Y1 one", "h1"),
             *between, node(second, into + " W2 R2 B2", "Y H2", "second", hidden_size=hidden, **attributes), *HEAD]
    return model([onnx.NodeProto.FromString(n.SerializeToString()) for n in nodes], w)


files = {
    # The file.
    "valid": valid,
    "valid_lstm": simple("LSTM", "x W R B - h0 c0 P", constants={"h0": numbers(1, 1, 2), "c0": numbers(1, 1, 2), "P": numbers(1, 6)}),
    "valid_rnn_lengths": simple("RNN", "x W R B n", before=[node("Shape", "x", "n", start=0, end=1)], options={"opset": 15}),
    "valid_gru_before_by_pytorch": simple(linear_before_reset=0, options={"producer": "pytorch"}),
    "valid_two_layers": stack(),
    "valid_argmax": behind(node("ArgMax", "a", "y", axis=-1, keepdims=0)),
    "valid_relu_before_head": between(node("Squeeze", "Y one", "g"), node("Relu", "g", "h")),
    "valid_clip_that_never_bites": simple(clip=3.5e38),
    "valid_merged_rows": between(node("Squeeze", "Y one", "g"), node("Reshape", "g two", "h"), two=np.array([-1, 2], I64)),
    "cut": V[:len(V) // 2],
    "header_alone": HEADER,
    "no_graph": HEADER + field(8, b"\x10\x0e"),
    "graph_twice": V + field(7, b""),
    "nested_100_graphs": HEADER + field(7, nested(100, b"", lambda b: field(1, field(5, field(6, b))))),
    "nested_2000_types": HEADER + field(7, field(11, field(2, nested(2000, b"", lambda b: field(4, field(1, b)))))),
    "wire_type_3": HEADER + b"\x3b\x3c",
    "length_beyond_end": HEADER + b"\x3a\x7f\x0a",
    "varint_of_11_bytes": HEADER + b"\x28" + b"\xff" * 11,
    "attributes_without_end": HEADER + field(7, field(1, b"\x2a\x00" * 20000)) + field(8, b"\x10\x0e"),
    "ir_version_alone": b"\x08\x07",
    "opset_missing": edit(lambda m: m.ClearField("opset_import")),
    "opset_5": simple(options={"opset": 5}),
    "opset_99": simple(options={"opset": 99}),
    "opset_of_other_domain": simple(options={"domain": "com.example"}),
    "opset_twice": edit(lambda m: m.opset_import.add(domain="ai.onnx", version=9)),
    # The graph.
    "sparse_initializer": edit(lambda m: m.graph.sparse_initializer.add()),
    "node_without_operator": edit(lambda m: m.graph.node[0].ClearField("op_type")),
    "node_of_other_domain": edit(first_node(domain="com.microsoft")),
    "node_twice": edit(repeat),
    "nodes_in_wrong_order": edit(reorder),
    "node_that_feeds_itself": between(node("Add", "Y q", "q"), node("Squeeze", "q one", "h")),
    "input_that_does_not_exist": simple(inputs="x W R nothing"),
    "input_of_no_shape": simple(options={"inputs": [helper.make_tensor_value_info("x", FLOAT, None)]}),
    "input_of_four_dimensions": simple(options={"shape": ("a", "b", "c", "d")}),
    "input_of_two_dimensions": simple(options={"shape": ("t", 3)}),
    "input_of_other_width": simple(options={"shape": ("t", "b", 4)}),
    "input_twice": edit(lambda m: m.graph.input.extend([m.graph.input[0]])),
    "initializer_twice": edit(lambda m: m.graph.initializer.extend([m.graph.initializer[0]])),
    "initial_state_is_input": simple(inputs="x W R B - h0", options={"inputs": [helper.make_tensor_value_info(n, FLOAT, s) for n, s in (("x", ("t", "b", 3)), ("h0", (1, "b", 2)))]}),
    "output_missing": simple(options={"outputs": ("z",)}),
    "output_without_network": model([node("MatMul", "x W", "y")], {"W": numbers(3, 2)}),
    "output_without_head": simple(head=[node("Squeeze", "Y one", "y")]),
    "outputs_two": simple(head=HEAD + [node("Softmax", "y", "z")], options={"outputs": ("y", "z")}),
    "recurrent_node_not_used": model([node("GRU", "x W R B", "Y", hidden_size=2), node("MatMul", "x M", "y")], weights(M=numbers(3, 2))),
    "loop": model([node("Loop", "x", "y", body=helper.make_graph([], "body", [], []))], {}),
    # Recurrent nodes.
    "bidirectional": simple(direction="bidirectional", constants={"W": numbers(2, 6, 3), "R": numbers(2, 6, 2), "B": numbers(2, 12)}),
    "reverse": simple(direction="reverse"),
    "direction_is_integer": simple(direction=1),
    "clip": simple(clip=3.0),
    "clip_not_a_number": simple(clip=float("nan")),
    "activations_of_two_directions": simple(activations=["Sigmoid", "Tanh"] * 2),
    "activation_affine": simple(activations=["Affine", "Tanh"]),
    "activation_relu_in_gru": simple(activations=["Sigmoid", "Relu"]),
    "activation_softsign_in_lstm": simple("LSTM", activations=["Sigmoid", "Tanh", "Softsign"]),
    "activation_elu_in_rnn": simple("RNN", activations=["Elu"]),
    "activation_with_long_name": simple("RNN", activations=["T" * 100]),
    "hard_sigmoid_beta": simple(activations=["HardSigmoid", "Tanh"], activation_beta=[0.4]),
    "hard_sigmoid_alpha_negative": simple(activations=["HardSigmoid", "Tanh"], activation_alpha=[-1.0]),
    "hard_sigmoid_alpha_twice": simple(activations=["HardSigmoid", "Tanh"], activation_alpha=[0.2, 0.3]),
    "attribute_unknown": simple(output_sequence=1),
    "attribute_of_other_operator": simple("LSTM", linear_before_reset=1),
    "attribute_with_blank": simple(**{"clip direction": 1}),
    "hidden_size_other": simple(hidden_size=3),
    "hidden_size_is_text": simple(hidden_size="2"),
    "layout_is_float": simple(layout=1.0),
    "layout_1_of_steps_first": simple(layout=1),
    "weights_from_input": simple(inputs="x x R B"),
    "weights_are_integers": simple(constants={"W": np.ones((1, 6, 3), I64)}),
    "weights_of_two_directions": simple(constants={"W": numbers(2, 6, 3)}),
    "weights_of_other_cell": simple(constants={"R": numbers(1, 8, 2)}),
    "weights_without_columns": simple(constants={"W": numbers(1, 6, 0)}),
    "weights_not_finite": simple(constants={"W": np.full((1, 6, 3), np.inf, np.float32)}),
    "recurrent_weights_empty": simple(constants={"R": numbers(1, 0, 0)}),
    "bias_too_short": simple(constants={"B": numbers(1, 6)}),
    "peepholes_too_short": simple("LSTM", "x W R B - - - P", constants={"P": numbers(1, 4)}),
    "inputs_nine": simple("LSTM", "x W R B - - - - W"),
    "inputs_of_gru_seven": simple(inputs="x W R B - - h0", constants={"h0": numbers(1, 1, 2)}),
    "lengths_constant": simple(inputs="x W R B n", constants={"n": np.array([2], np.int32)}),
    "initial_state_of_wrong_shape": simple(inputs="x W R B - h0", constants={"h0": numbers(1, 2)}),
    "initial_state_differs_in_batch": simple(inputs="x W R B - h0", constants={"h0": numbers(1, 3, 2)}),
    "initial_state_of_word": simple(inputs="x W R B - h0", before=[node("Identity", "x", "h0")]),
    "recurrent_input_constant": model([node("GRU", "k W R B", "Y", hidden_size=2), *HEAD[:2], node("Gather", "v x", "y")], weights(k=numbers(1, 1, 3))),
    "recurrent_input_is_last_step": stack(into="H1"),
    "recurrent_input_is_cell_state": stack(first="LSTM", into="C1"),
    "linear_between_layers": stack(between=[node("MatMul", "h1 V", "m")], into="m"),
    "activation_between_layers": stack(between=[node("Tanh", "h1", "m")], into="m"),
    "steps_and_batch_swapped": stack(between=[node("Transpose", "h1", "m", perm=[1, 0, 2])], into="m"),
    "layers_of_two_cells": stack("LSTM"),
    "layers_of_two_widths": stack(hidden=3),
    "layers_of_two_resets": stack(linear_before_reset=0),
    # Between and behind.
    "step_0": gathered(0),
    "element_of_batch": gathered(-1, 1),
    "feature_0": gathered(0, 2),
    "step_by_two_indices": gathered([-1, -1]),
    "step_by_word": simple(head=[node("Squeeze", "Y one", "h"), node("Gather", "h x", "l"), *LAST[2:]]),
    "axis_3_of_3": gathered(-1, 3),
    "slice_of_first_steps": between(node("Squeeze", "Y one", "g"), node("Slice", "g zero one", "h"), zero=np.array([0], I64)),
    "slice_backwards": between(node("Squeeze", "Y one", "g"), node("Slice", "g s e zero s", "h"), zero=np.array([0], I64), s=np.array([-1], I64), e=np.array([-2**63], I64)),
    "slice_lengths_differ": between(node("Squeeze", "Y one", "g"), node("Slice", "g s one", "h"), s=np.array([0, 0], I64)),
    "squeeze_of_features": between(node("Squeeze", "Y axes", "h"), axes=np.array([3], I64)),
    "reshape_that_mixes": between(node("Squeeze", "Y one", "g"), node("Reshape", "g s", "h"), s=np.array([2, -1, 1], I64)),
    "reshape_of_flow_by_two_open_sizes": between(node("Squeeze", "Y one", "g"), node("Reshape", "g s", "h"), s=np.array([-1, -1, 2], I64)),
    "transpose_twice_the_same": between(node("Squeeze", "Y one", "g"), node("Transpose", "g", "h", perm=[0, 0, 2])),
    "transpose_of_features": between(node("Squeeze", "Y one", "g"), node("Transpose", "g", "h", perm=[0, 2, 1])),
    "unsqueeze_to_nine": between(node("Squeeze", "Y one", "g"), node("Unsqueeze", "g s", "h"), s=np.arange(6).astype(I64)),
    "concat_of_steps": between(node("Concat", "Y Y", "g", axis=0), node("Squeeze", "g one", "h")),
    "operator_unknown": behind(node("Erf", "a", "y")),
    "operator_of_constants_on_flow": behind(node("Mul", "a b", "y")),
    "operator_of_flow_on_constants": simple(constants={"B": None, "b0": numbers(1, 12)}, before=[node("Tanh", "b0", "B")]),
    "residual": behind(node("Add", "a h", "y")),
    "product_of_constant_and_flow": between(node("Squeeze", "Y one", "g"), node("MatMul", "V g", "h")),
    "head_of_wrong_width": simple(constants={"V": numbers(3, 2)}),
    "head_bias_of_wrong_width": simple(constants={"b": numbers(3)}),
    "head_bias_per_step": simple(constants={"b": numbers(2, 1, 1)}),
    "head_of_cell_state": simple("LSTM", outputs="- - C", head=[node("Squeeze", "C zero", "h"), *HEAD[1:]], constants={"zero": np.array([0], I64)}),
    "head_of_70_layers": behind(*[n for i in range(70) for n in (node("Tanh", "a" if i == 0 else "p%d" % i, "q%d" % i), node("MatMul", "q%d V" % i, "p%d" % (i + 1)))], node("Identity", "p70", "y")),
    "softmax_then_linear": behind(node("Softmax", "a", "s"), node("MatMul", "s V", "y")),
    "softmax_over_steps": behind(node("Softmax", "a", "y", axis=0)),
    "softmax_of_hidden_states": between(node("Squeeze", "Y one", "g"), node("Softmax", "g", "h")),
    "softmax_before_13_over_two_axes": simple(head=[node("Squeeze", "Y", "h", axes=[1]), node("MatMul", "h V", "v"), node("Add", "v b", "a"), node("Softmax", "a", "y")], options={"opset": 11}),
    "argmax_of_last_index": behind(node("ArgMax", "a", "y", axis=2, select_last_index=1)),
    "gemm_of_three_dimensions": between(node("Squeeze", "Y one", "g"), node("Gemm", "g V b", "h")),
    "gemm_transposed_states": between(node("Squeeze", "Y one", "g"), node("Gemm", "g V b", "h", transA=1)),
    "dropout_in_training": behind(node("Dropout", "a r t", "y"), r=np.float32(0.5), t=np.array(True)),
    "cast_to_integers": behind(node("Cast", "a", "y", to=INT64)),
    "embedding_of_embedding": simple(before=[node("Gather", "e x", "f"), node("Gather", "e f", "g")], inputs="g W R B", constants={"e": numbers(3, 3)}, options={"shape": ("t", "b")}),
    "embedding_of_other_axis": simple(before=[node("Gather", "e x", "f", axis=1)], inputs="f W R B", constants={"e": numbers(3, 3)}, options={"shape": ("t", "b")}),
    "embedding_of_other_width": simple(before=[node("Gather", "e x", "f")], inputs="f W R B", constants={"e": numbers(3, 4)}, options={"shape": ("t", "b")}),
    "one_hot_of_other_values": simple(before=[node("OneHot", "x d z", "f")], inputs="f W R B", constants={"d": np.int64(3), "z": numbers(2)}, options={"shape": ("t", "b")}),
    "one_hot_of_infinite_depth": simple(before=[node("OneHot", "x d z", "f")], inputs="f W R B", constants={"d": np.float32("inf"), "z": np.array([0, 1], I64)}, options={"shape": ("t", "b")}),
    # Tensors.
    "tensor_too_short": simple(constants={"b": tensor("b", FLOAT, [2], raw_data=b"\0" * 7)}),
    "tensor_too_long": simple(constants={"b": tensor("b", FLOAT, [2], float_data=[1, 2, 3])}),
    "tensor_raw_and_typed": simple(constants={"b": tensor("b", FLOAT, [2], raw_data=b"\0" * 8, float_data=[1, 2])}),
    "tensor_in_wrong_field": simple(constants={"b": tensor("b", FLOAT, [2], double_data=[1, 2])}),
    "tensor_of_texts": simple(constants={"b": tensor("b", TensorProto.STRING, [2], string_data=[b"a", b"b"])}),
    "tensor_of_type_77": simple(constants={"b": tensor("b", 77, [2])}),
    "tensor_of_rank_9": simple(constants={"b": tensor("b", FLOAT, [1] * 9, float_data=[1])}),
    "tensor_negative": simple(constants={"b": tensor("b", FLOAT, [-2], float_data=[1, 2])}),
    "tensor_of_2_to_62": simple(constants={"b": tensor("b", FLOAT, [1 << 31, 1 << 31])}),
    "tensor_empty_and_huge": simple(constants={"b": tensor("b", FLOAT, [0, 1 << 40, 1 << 40])}),
    "tensor_segment": simple(constants={"b": tensor("b", FLOAT, [2], float_data=[1, 2], segment=TensorProto.Segment(begin=0, end=2))}),
    "external_without_location": simple(constants={"b": external("", None)}),
    "external_absolute": simple(constants={"b": external("/etc/passwd")}),
    "external_above": simple(constants={"b": external("data/../../x")}),
    "external_backslash": simple(constants={"b": external("..\\x")}),
    "external_missing": simple(constants={"b": external("missing.bin")}),
    "external_folder": simple(constants={"b": external(".")}),
    "external_offset_negative": simple(constants={"b": external("valid.onnx", "-8")}),
    "external_offset_beyond_end": simple(constants={"b": external("valid.onnx", "1000000", "8")}),
    "external_length_overflow": simple(constants={"b": external("valid.onnx", "8", "18446744073709551615")}),
    "external_length_of_other_shape": simple(constants={"b": external("valid.onnx", "0", "12")}),
    # Constants that are folded.
    "fold_constant_without_value": simple(constants={"b": None}, before=[node("Constant", "", "b")]),
    "fold_constant_of_texts": simple(constants={"b": None}, before=[node("Constant", "", "b", value_string="a")]),
    "fold_2_to_40_zeros": simple(constants={"b": None, "s": np.array([1 << 40], I64)}, before=[node("ConstantOfShape", "s", "b")]),
    "fold_2_to_26_zeros": simple(constants={"b": None, "s": np.array([1 << 26], I64)}, before=[node("ConstantOfShape", "s", "b")]),
    "fold_negative_shape": simple(constants={"b": None, "s": np.array([-3], I64)}, before=[node("ConstantOfShape", "s", "b")]),
    "fold_shape_of_nine": simple(constants={"b": None, "s": np.ones(9, I64)}, before=[node("ConstantOfShape", "s", "b")]),
    "fold_reshape_of_other_size": simple(constants={"b": None, "a": numbers(3), "s": np.array([2], I64)}, before=[node("Reshape", "a s", "b")]),
    "fold_reshape_two_open": simple(constants={"b": None, "a": numbers(4), "s": np.array([-1, -1], I64)}, before=[node("Reshape", "a s", "b")]),
    "fold_expand_that_does_not_fit": simple(constants={"b": None, "a": numbers(3), "s": np.array([2], I64)}, before=[node("Expand", "a s", "b")]),
    "fold_gather_beyond_end": simple(constants={"b": None, "a": numbers(3), "s": np.array([1, 3], I64)}, before=[node("Gather", "a s", "b")]),
    "fold_gather_by_reals": simple(constants={"b": None, "a": numbers(3), "s": numbers(2)}, before=[node("Gather", "a s", "b")]),
    "fold_gather_of_rank_9": simple(constants={"b": None, "a": numbers(1, 1, 1, 1, 1), "s": np.zeros((1,) * 5, I64)}, before=[node("Gather", "a s", "b")]),
    "fold_slice_step_0": simple(constants={"b": None, "a": numbers(3), "z": np.array([0], I64)}, before=[node("Slice", "a z one z z", "b")]),
    "fold_slice_of_batch": simple(inputs="x W R B - h0", constants={"h0": None, "z": np.array([1], I64), "s2": np.array([1], I64), "e": np.array([2], I64)},
                                  before=[node("Shape", "x", "s"), node("Slice", "s z e", "n"), node("Concat", "one n e", "t", axis=0), node("ConstantOfShape", "t", "k"),
                                          node("Slice", "k z e s2", "h0")]),
    "fold_concat_of_two_types": simple(constants={"b": None, "a": numbers(1)}, before=[node("Concat", "a one", "b", axis=0)]),
    "fold_concat_of_two_shapes": simple(constants={"b": None, "a": numbers(2), "c": numbers(1, 1)}, before=[node("Concat", "a c", "b", axis=0)]),
    "fold_squeeze_of_two": simple(constants={"b": None, "a": numbers(2), "z": np.array([0], I64)}, before=[node("Squeeze", "a z", "b")]),
    "fold_transpose_of_other_rank": simple(constants={"b": None, "a": numbers(2)}, before=[node("Transpose", "a", "b", perm=[1, 0])]),
    "fold_add_of_two_shapes": simple(constants={"b": None, "a": numbers(2), "c": numbers(3)}, before=[node("Add", "a c", "b")]),
    "fold_division_by_0": simple(constants={"b": None, "a": np.array([1], I64), "c": np.array([0], I64)}, before=[node("Div", "a c", "d"), node("ConstantOfShape", "d", "b")]),
    "fold_bias_of_unknown_size": simple(constants={"b": None}, before=[node("Shape", "x", "s"), node("Gather", "s one", "g"), node("ConstantOfShape", "g", "b")]),
    "fold_cast_of_length": simple(constants={"b": None}, before=[node("Shape", "x", "s"), node("Cast", "s", "b", to=FLOAT)]),
    "fold_cast_of_nan": simple(constants={"b": None, "a": np.full(2, np.nan, np.float32)}, before=[node("Cast", "a", "b", to=INT64)]),
    "fold_where_depends_on_length": simple(constants={"b": None, "a": numbers(1), "f": np.array([4], I64)}, before=[node("Shape", "x", "s"), node("Gather", "s one", "g"), node("Equal", "g f", "q"), node("Where", "q a a", "b")]),
    "fold_axes_not_constant": simple(inputs="x W R B", head=[node("Squeeze", "Y x", "h"), *HEAD[1:]]),
}

for name, data in files.items():
    write(name, data)
