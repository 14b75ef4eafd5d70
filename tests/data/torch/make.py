#!/usr/bin/python3
"""Writes the networks of this folder with PyTorch (made with 1.13), and expected.txt, what PyTorch says about them; its
lines are described in tests/unit/support/golden.h."""
import collections
import os
import pickle
import struct
import zipfile

import torch
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = []
OLD = {"_use_new_zipfile_serialization": False}


class Model(nn.Module):
    def __init__(self, cell, symbols, hidden, outputs, layers=1, width=None, initial=False, **more):
        super().__init__()
        self.embedding = nn.Embedding(symbols, width) if width else nn.Identity()
        self.rnn = cell(width or symbols, hidden, layers, **more)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(hidden, outputs)
        if initial:
            self.h0 = nn.Parameter(torch.randn(layers, hidden))
            self.register_buffer("scratch", torch.zeros(3), persistent=False)

    def forward(self, x):
        if hasattr(self, "h0"):
            h, _ = self.rnn(self.embedding(x), self.h0)
        else:
            h, _ = self.rnn(self.embedding(x))
        return self.fc(self.drop(h))


class Sequence(nn.Module):
    """What TorchScript compiles; `weights` is a list of tensors of which one is no parameter of its own."""

    def __init__(self, cell, symbols, hidden, outputs, **more):
        super().__init__()
        self.rnn = cell(symbols, hidden, **more)
        self.fc = nn.Linear(hidden, outputs)
        self.h0 = torch.randn(1, hidden)

    def forward(self, x):
        h, _ = self.rnn(x, self.h0)
        return self.fc(h)


def expect(file, model, symbols, alphabet, outputs, cell="-", state=None):
    model.eval()
    state = model.state_dict() if state is None else state
    OUT.append(["network", file, alphabet, outputs, cell])
    for name, tensor in state.items():
        values = tensor.detach().float().contiguous().flatten().tolist()
        OUT.append(["tensor", name, "x".join(map(str, tensor.shape))] +
                   ["%08x" % struct.unpack("<I", struct.pack("<f", v)) for v in values])
    word = [(i * i + i // 3) % symbols for i in range(8)]
    x = torch.tensor(word)
    if not isinstance(getattr(model, "embedding", None), nn.Embedding):
        x = nn.functional.one_hot(x, symbols).float()
    with torch.no_grad():
        OUT.append(["logits", " ".join(map(str, word))] + ["%.9g" % v for v in model.float()(x).flatten().tolist()])


def path(file):
    return os.path.join(HERE, file)


# Legacy files quote the source of each class, and TorchScript the code with where it came from: neither is read, and both are
# left out here.
torch.serialization.get_source_lines_and_file = lambda *_: (["class"], 1, "model.py")


def save_program(program, file):
    torch.jit.save(program, path(file))
    with zipfile.ZipFile(path(file)) as z:
        entries = [(e.filename, z.read(e)) for e in z.infolist() if not e.filename.endswith(".debug_pkl")]
    with zipfile.ZipFile(path(file), "w") as z:
        for name, data in entries:
            z.writestr(zipfile.ZipInfo(name), b"" if "/code/" in name else data)


def cells():
    for name, cell, more in [("relu", nn.RNN, {"nonlinearity": "relu"}), ("tanh", nn.RNN, {}), ("gru", nn.GRU, {}), ("lstm", nn.LSTM, {})]:
        yield name, cell, more


# State_dicts in the format from before 1.6.
for name, cell, more in cells():
    model = Model(cell, 3, 2, 2, layers=2, **more)
    torch.save(model.state_dict(), path("legacy_%s.pt" % name), **OLD)
    expect("legacy_%s.pt" % name, model, 3, "a b c", "no yes", name if cell is nn.RNN else "-")
model = Model(nn.GRU, 2, 2, 2).half()
torch.save(model.state_dict(), path("legacy_float16.pt"), **OLD)
expect("legacy_float16.pt", model, 2, "0 1", "no yes")
model = Model(nn.GRU, 2, 2, 2)
state = collections.OrderedDict((k, v.detach()) for k, v in model.state_dict().items())
pool = torch.arange(40.0) / 16
state["rnn.weight_ih_l0"] = pool[3:15].view(2, 6).t()
state["rnn.weight_hh_l0"] = pool[20:32].view(6, 2)
model.load_state_dict(state)
torch.save(state, path("legacy_shared.pt"), **OLD)
expect("legacy_shared.pt", model, 2, "0 1", "no yes", state=state)

# The same values as views of a part of a storage, as versions up to 0.4 wrote them: view_metadata, and _rebuild_tensor.
model = Model(nn.GRU, 2, 2, 2)


class Part(pickle.Pickler):
    def persistent_id(self, value):
        return value.id if isinstance(value, Id) else None


class Id:
    def __init__(self, *id):
        self.id = id


class Tensor:
    def __init__(self, *arguments):
        self.arguments = arguments

    def __reduce__(self):
        return torch._utils._rebuild_tensor, self.arguments


values, entries = [0.0], collections.OrderedDict()
sizes = {k: v.numel() for k, v in model.state_dict().items()}
total = sum(sizes.values()) + 2
for key, v in model.state_dict().items():
    place = Id("storage", torch.FloatStorage, "7", "cpu", total, ("7" + key, len(values), v.numel()))
    entries[key] = Tensor(place, 0, tuple(v.shape), v.stride())
    values += v.flatten().tolist()
values.append(0.0)
with open(path("legacy_views.pt"), "wb") as f:
    for head in (0x1950a86a20f9469cfc6c, 1001, {"protocol_version": 1001, "little_endian": True, "type_sizes": {}}):
        pickle.dump(head, f, protocol=2)
    Part(f, protocol=2).dump(entries)
    pickle.dump(["7"], f, protocol=2)
    f.write(struct.pack("<q%df" % len(values), len(values), *values))
assert all(torch.equal(v, model.state_dict()[k]) for k, v in torch.load(path("legacy_views.pt")).items())
expect("legacy_views.pt", model, 2, "0 1", "no yes")

# Whole modules, in both containers: the cell is said.
for name, cell, more in cells():
    model = Model(cell, 2, 2, 2, initial=name == "gru", **more)
    torch.save(model, path("module_%s.pt" % name))
    expect("module_%s.pt" % name, model, 2, "0 1", "no yes")
model = Model(nn.RNN, 3, 2, 2, width=2, nonlinearity="relu")
torch.save(nn.DataParallel(model), path("module_parallel.pt"), pickle_protocol=4)
expect("module_parallel.pt", model, 3, "a b c", "no yes", state=nn.DataParallel(model).state_dict())
model = nn.Sequential(collections.OrderedDict(inner=Model(nn.RNN, 2, 2, 2, nonlinearity="relu")))
torch.save(model, path("legacy_module.pt"), **OLD)
expect("legacy_module.pt", model, 2, "0 1", "no yes")

# Checkpoints.
model = Model(nn.GRU, 2, 2, 2)
optimizer = torch.optim.Adam(model.parameters())
model(torch.eye(2)).sum().backward()
optimizer.step()
torch.save({"epoch": 3, "model_state_dict": model.state_dict(), "optimizer_state_dict": optimizer.state_dict(),
            "loss": torch.tensor(0.25), "options": collections.Counter("aab"), "seen": {1, 2}}, path("checkpoint.pt"))
expect("checkpoint.pt", model, 2, "0 1", "no yes")
model = Model(nn.GRU, 2, 2, 2)
torch.save({"net": model, "epoch": 3}, path("checkpoint_module.pt"), **OLD)
expect("checkpoint_module.pt", model, 2, "0 1", "no yes")
model = Model(nn.GRU, 2, 2, 2)
torch.save({"average": model.state_dict(), "state_dict": model.state_dict()}, path("checkpoint_average.pt"))
expect("checkpoint_average.pt", model, 2, "0 1", "no yes")

# TorchScript: compiled and traced.
for name, cell, more in [("relu", nn.RNN, {"nonlinearity": "relu"}), ("gru", nn.GRU, {})]:
    model = Sequence(cell, 2, 2, 2, **more)
    save_program(torch.jit.script(model), "script_%s.pt" % name)
    expect("script_%s.pt" % name, model, 2, "0 1", "no yes", state={**model.state_dict(), "h0": model.h0})
model = Model(nn.LSTM, 3, 2, 2, layers=2, width=2).eval()
save_program(torch.jit.trace(model, torch.tensor([0, 1])), "trace_lstm.pt")
expect("trace_lstm.pt", model, 3, "a b c", "no yes")
model = Model(nn.GRU, 2, 2, 2)
save_program(torch.jit.script(model), "script_identity.pt")
expect("script_identity.pt", model, 2, "0 1", "no yes")

with open(path("expected.txt"), "w") as f:
    for line in OUT:
        f.write("\t".join(line) + "\n")

# A cell that the caller steps, whose tensors have no _l0, and values that are not read.
for name, cell in [("gru", nn.GRUCell(3, 4)), ("lstm", nn.LSTMCell(3, 4))]:
    torch.save({**{"cell." + k: v for k, v in cell.state_dict().items()}, "fc.weight": torch.ones(2, 4)}, path("cell_%s.pt" % name))
complex_values = {**nn.GRU(2, 2).state_dict(), "fc.weight": torch.ones(2, 2, dtype=torch.complex64)}
torch.save(complex_values, path("complex.pt"))
torch.save(complex_values, path("legacy_complex.pt"), **OLD)
