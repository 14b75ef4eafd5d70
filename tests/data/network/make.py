#!/usr/bin/python3
"""Writes the networks of this folder with PyTorch (made with 1.13), and expected.txt, what PyTorch says about them.

expected.txt, fields separated by tabs:
    network FILE ALPHABET OUTPUTS CELL    CELL is "-" where it need not be said
    tensor  NAME SHAPE BITS...            every value as the bits of its float32
    logits  WORD VALUES...                logits after each symbol of the word; symbols are indices
"""
import json
import os
import struct

import torch
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = []


class Model(nn.Module):
    """Symbols -> one-hot or embedding -> recurrent -> head; cell is a class of torch.nn."""

    def __init__(self, cell, symbols, hidden, outputs, layers=1, width=None, middle=None, initial=False, **more):
        super().__init__()
        self.symbols = symbols
        self.embedding = nn.Embedding(symbols, width) if width else None
        self.rnn = cell(width or symbols, hidden, layers, **more)
        if middle:
            self.head = nn.Sequential(nn.Linear(hidden, middle), nn.Tanh(), nn.Linear(middle, outputs))
        else:
            self.fc = nn.Linear(hidden, outputs)
        self.h0 = nn.Parameter(torch.randn(layers, hidden)) if initial else None
        self.c0 = nn.Parameter(torch.randn(layers, 1, hidden)) if initial else None

    def forward(self, word):
        word = torch.tensor(word)
        x = self.embedding(word) if self.embedding else nn.functional.one_hot(word, self.symbols).to(self.rnn.weight_ih_l0.dtype)
        state = (self.h0, self.c0[:, 0]) if self.h0 is not None else None
        h, _ = self.rnn(x, state)
        return self.head(h) if hasattr(self, "head") else self.fc(h)


def expect(file, model, state, alphabet, outputs, cell="-"):
    OUT.append(["network", file, alphabet, outputs, cell])
    for name, tensor in state.items():
        values = tensor.detach().float().contiguous().flatten().tolist()
        OUT.append(["tensor", name, "x".join(map(str, tensor.shape))] +
                   ["%08x" % struct.unpack("<I", struct.pack("<f", v)) for v in values])
    word = [(i * i + i // 3) % model.symbols for i in range(8)]
    model = model.float()
    with torch.no_grad():
        OUT.append(["logits", " ".join(map(str, word))] + ["%.9g" % v for v in model(word).flatten().tolist()])


def save(file, model, alphabet, outputs, cell="-", state=None, **options):
    state = model.state_dict() if state is None else state
    torch.save(state, os.path.join(HERE, file), **options)
    expect(file, model, state, alphabet, outputs, cell)


def save_safetensors(file, model, alphabet, outputs):
    names = {torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16"}
    header, data, state = {"__metadata__": {"format": "pt"}}, b"", model.state_dict()
    for name, tensor in state.items():
        bits = tensor.contiguous()
        bits = bits.view(torch.int16) if bits.element_size() == 2 else bits
        part = bits.numpy().tobytes()
        header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(part)]}
        data += part
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(HERE, file), "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)
    expect(file, model, state, alphabet, outputs)


def shared(model):
    """The same values as views of two storages: transposed, at offsets, with gaps, one storage for several tensors."""
    state = model.state_dict()
    out = type(state)()
    pool = torch.zeros(400)
    at = 3
    for name, tensor in state.items():
        if name.endswith("weight_hh_l0"):
            out[name] = tensor.t().contiguous().t()
        elif tensor.dim() == 2:
            rows, columns = tensor.shape
            view = pool.as_strided((rows, columns), (columns + 1, 1), at)
            view.copy_(tensor)
            out[name] = view
            at += rows * (columns + 1) + 2
        else:
            view = pool.as_strided(tensor.shape, (2,), at)
            view.copy_(tensor)
            out[name] = view
            at += 2 * tensor.numel()
    return out


torch.manual_seed(1)
save("gru.pt", Model(nn.GRU, 2, 3, 2), "0 1", "reject accept")
save("lstm_2_layers.pt", Model(nn.LSTM, 3, 2, 3, layers=2), "a b c", "x y z")
save("tanh_embedding.pt", Model(nn.RNN, 4, 3, 1, width=2), "up down left right", "no yes", "tanh")
save("relu_without_bias.pt", Model(nn.RNN, 2, 3, 2, layers=2, bias=False, nonlinearity="relu"), "0 1", "reject accept", "relu")
model = Model(nn.GRU, 2, 3, 2)
save("shared_strided.pt", model, "0 1", "reject accept", state=shared(model))
save("float64.pt", Model(nn.GRU, 2, 2, 2).double(), "0 1", "reject accept")
save("float16.pt", Model(nn.GRU, 2, 2, 2).half(), "0 1", "reject accept")
save("bfloat16.pt", Model(nn.GRU, 2, 2, 2).bfloat16(), "0 1", "reject accept")
model = Model(nn.GRU, 2, 2, 2)
save("parameters.pt", model, "0 1", "reject accept", state=dict(model.named_parameters()))
save("protocol_4.pt", Model(nn.GRU, 2, 2, 2), "0 1", "reject accept", pickle_protocol=4)
torch.serialization.location_tag = lambda storage: "cuda:0"  # as saved on a machine with a GPU
save("cuda.pt", Model(nn.GRU, 2, 2, 2), "0 1", "reject accept")
save_safetensors("card.safetensors", Model(nn.LSTM, 3, 2, 2, layers=2, width=2, middle=3, initial=True), "-", "-")
model = Model(nn.GRU, 2, 2, 2)
model.rnn.half()
model.fc.weight.data = model.fc.weight.data.double()
model.fc.bias.data = model.fc.bias.data.bfloat16()
save_safetensors("mixed.safetensors", model, "0 1", "reject accept")

with open(os.path.join(HERE, "expected.txt"), "w") as f:
    for line in OUT:
        f.write("\t".join(line) + "\n")
