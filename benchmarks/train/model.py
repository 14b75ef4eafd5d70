"""The networks in PyTorch and how they are trained: a label after every symbol, Adam, noise on the hidden state."""

import numpy
import torch

torch.set_num_threads(1)
CELLS = {"relu": torch.nn.RNN, "tanh": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}
NOISE_EVERY = 4  # steps


class Model(torch.nn.Module):
    def __init__(self, symbols, outputs, cell, hidden, layers=1, embedding=0, head=0, learned_start=False,
                 one_logit=False):
        super().__init__()
        options = {"nonlinearity": cell} if cell in ("relu", "tanh") else {}
        self.symbols, self.cell = symbols, cell
        if embedding:
            self.emb = torch.nn.Embedding(symbols, embedding)
        self.rnn = CELLS[cell](embedding or symbols, hidden, layers, **options)
        logits = 1 if one_logit else outputs
        if head:
            self.head = torch.nn.Sequential(torch.nn.Linear(hidden, head), torch.nn.ReLU(), torch.nn.Linear(head, logits))
        else:
            self.fc = torch.nn.Linear(hidden, logits)
        start = lambda: torch.nn.Parameter(0.1 * torch.randn(layers, hidden)) if learned_start else None
        self.h0, self.c0 = start(), start() if cell == "lstm" else None
        self.zero = torch.zeros(layers, hidden)

    def forward(self, words, noise=0.0):
        """Logits [length, batch, outputs] of words [length, batch]. Noise joins the state after every step, so that states that
        mean different things keep their distance and small errors die out."""
        x = self.emb(words) if hasattr(self, "emb") else torch.nn.functional.one_hot(words, self.symbols).float()
        expand = lambda p: (self.zero if p is None else p).unsqueeze(1).expand(-1, words.shape[1], -1).contiguous()
        h, c, tops = expand(self.h0), expand(self.c0), []
        for part in x.split(NOISE_EVERY if noise else len(x)):
            if self.cell == "lstm":
                top, (h, c) = self.rnn(part, (h, c))
                c = c + noise * torch.randn_like(c)
            else:
                top, h = self.rnn(part, h)
            h = h + noise * torch.randn_like(h)
            tops.append(top)
        y = torch.cat(tops)
        return self.head(y) if hasattr(self, "head") else self.fc(y)

    def tensors(self):
        return {key: tensor.detach().numpy() for key, tensor in self.state_dict().items()}


def losses_of(logits, classes):
    """[length, batch]"""
    if logits.shape[-1] == 1:
        return torch.nn.functional.binary_cross_entropy_with_logits(logits[..., 0], classes.float(), reduction="none")
    return torch.nn.functional.cross_entropy(logits.movedim(-1, 1), classes, reduction="none")


def worst(model, words, classes, count):
    """The words with the greatest loss at some moment."""
    with torch.no_grad():
        losses = losses_of(model(torch.from_numpy(words)), torch.from_numpy(classes))
        return losses.amax(dim=0).topk(count).indices.numpy()


def classes_of(logits):
    return (logits[..., 0] > 0).long() if logits.shape[-1] == 1 else logits.argmax(-1)


def fit(model, batch, check, steps, rate, decay, patience):
    """`batch(random, step)` gives words and classes [length, batch], and how much noise to add. Stops when `patience`
    checks in a row, 250 steps apart, find nothing wrong, or after `steps`. The rate falls to a tenth by the end."""
    optimiser = torch.optim.Adam(model.parameters(), lr=rate, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimiser, 0.1 ** (1.0 / steps))
    random, clean = numpy.random.RandomState(1), 0
    for step in range(1, steps + 1):
        words, classes, noise = batch(random, step)
        loss = losses_of(model(torch.from_numpy(words), noise), torch.from_numpy(classes)).mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 250 == 0:
            wrong, words = check(model)
            print("  step %d: loss %.5f, %d of %d moments wrong" % (step, loss.item(), wrong, words), flush=True)
            clean = 0 if wrong else clean + 1
            if clean == patience:
                return
