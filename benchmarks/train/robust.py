"""Training for proofs. A proof is made of boxes of hidden states that every step leads back into (docs/proofs.md); training can
make a network that has such boxes. Each of these is one field of a recipe:

- `noise`: normal noise of this size on the state after every step. It grows while the loss stays below CALM, so that what is learned
  first is the language; a network that cannot bear all of it keeps what it can bear.
- `penalty`: weight of the mean of max(0, |c| - BOUND)^2, for LSTM. Outside, the gates hide what c does, and boxes of it are long.
- `runs`: share of the words that are u v^k w: most v lead from a state back to it.
- `decay`: weight decay.
- `boxes`: in the second half every other step begins anywhere in the box around the states that belong to one state of the truth.

Labels are of every prefix. Networks have one layer. tune() goes on where `rnnsafe certify` failed."""

import collections
import subprocess

import numpy
import torch

import model
import words

Recipe = collections.namedtuple("Recipe", "noise penalty runs decay boxes")
PLAIN = Recipe(noise=0, penalty=0, runs=0, decay=0, boxes=False)
CALM, BOUND = 0.1, 1.5
LENGTH, BATCH = 25, 64
TUNE_STEPS, TUNE_RATE = 400, 0.004


class Net(model.Model):
    """Steps one by one."""

    def step(self, x, h, c):
        parameters = (self.rnn.weight_ih_l0, self.rnn.weight_hh_l0, self.rnn.bias_ih_l0, self.rnn.bias_hh_l0)
        if self.cell == "lstm":
            return torch.lstm_cell(x, (h, c), *parameters)
        step = {"gru": torch.gru_cell, "tanh": torch.rnn_tanh_cell, "relu": torch.rnn_relu_cell}[self.cell]
        return step(x, h, *parameters), c

    def start(self, count):
        return tuple((self.zero if p is None else p).expand(count, -1) for p in (self.h0, self.c0))

    def run(self, symbols, noise=0.0, start=None):
        """Of words [length, batch]: logits, and the states h and c after every step, [length, batch, ...]; c is 0 but for LSTM."""
        x = self.emb(symbols) if hasattr(self, "emb") else torch.nn.functional.one_hot(symbols, self.symbols).float()
        h, c = start or self.start(symbols.shape[1])
        hs, cs = [], []
        for part in x:
            h, c = self.step(part, h, c)
            hs.append(h)
            cs.append(c)
            if noise:
                h = h + noise * torch.randn_like(h)
                c = c + noise * torch.randn_like(c) if self.cell == "lstm" else c
        hs, cs = torch.stack(hs), torch.stack(cs)
        return (self.head if hasattr(self, "head") else self.fc)(hs), hs, cs


class Source:
    """Words [length, count] and the states of the truth after every symbol. Words with runs take long to make: they are drawn from some
    that are made once. Of the rest, half are cut from `records` [length, words], where there are any."""

    def __init__(self, machine, recipe, random, records=None):
        self.machine, self.recipe, self.random, self.records = machine, recipe, random, records
        self.pumped = words.pumped(machine, random, 3000, 3 * LENGTH) if recipe.runs else None

    def draw(self, count, length):
        pumped = int(self.recipe.runs * count)
        recorded = 0 if self.records is None or length > len(self.records) else (count - pumped) // 2
        symbols = [words.varied(self.machine, self.random, count - pumped - recorded, length)[0]]
        for some, chosen in (self.pumped, pumped), (self.records, recorded):
            if chosen:
                symbols.append(some[:length, self.random.randint(some.shape[1], size=chosen)])
        symbols = numpy.concatenate(symbols, axis=1)
        return symbols, words.states_of(self.machine, symbols)


def boxes(net, source):
    """{state of the truth: (lo, hi)}, of h and then c, a little larger than what 256 words reach."""
    symbols, at = source.draw(256, 3 * LENGTH)
    with torch.no_grad():
        _, h, c = net.run(torch.from_numpy(symbols))
    states = torch.cat([h, c], dim=2).numpy()
    found = {}
    for q in numpy.unique(at):
        lo, hi = states[at == q].min(axis=0), states[at == q].max(axis=0)
        more = 0.05 * (hi - lo) + 0.02
        found[q] = lo - more, hi + more
    return found


def within(around, random, count):
    """States of the truth, and hidden states of their boxes: half of them at corners."""
    keys = sorted(around)
    truth = numpy.array(keys)[random.randint(len(keys), size=count)]
    lo, hi = numpy.array([around[q][0] for q in truth]), numpy.array([around[q][1] for q in truth])
    part = random.rand(*lo.shape)
    corner = random.rand(count) < 0.5
    part[corner] = part[corner].round()
    states = torch.from_numpy((lo + part * (hi - lo)).astype("f4"))
    return truth, tuple(states.chunk(2, dim=1))


def continued(machine, random, hard, count, length):
    """Words of `hard` up to anywhere, then on like other words or, one in two, by a symbol or some again and again."""
    symbols = words.varied(machine, random, count, length)[0]
    for i in range(count):
        word = numpy.array(hard[random.randint(len(hard))])
        kept = random.randint(1, min(len(word), length) + 1)
        symbols[:kept, i] = word[:kept]
        if random.rand() < 0.5:
            last = word[max(0, kept - random.randint(1, 5)):kept]
            symbols[kept:, i] = numpy.resize(last, length - kept)
    return symbols


def fit(net, machine, recipe, seed, steps, rate=0.01, level=0.0, hard=None, records=None):
    """How much of the noise was borne, 0 to 1, and the loss, smoothed. `level` is what the net bears already; every other
    step is about words that begin like those of `hard`, where there are any, of 2 LENGTH symbols. `records` are among the
    other words."""
    torch.manual_seed(seed)
    random = numpy.random.RandomState(seed)
    optimiser = torch.optim.Adam(net.parameters(), lr=rate, weight_decay=recipe.decay)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimiser, 0.1 ** (1.0 / steps))
    source, out = Source(machine, recipe, random, records), numpy.array(machine.out)
    smooth, found = CALM if level else 1.0, None
    for step in range(1, steps + 1):
        start = None
        if recipe.boxes and step > steps // 2 and step % 2:
            if found is None or step % 50 == 1:
                found = boxes(net, source)
            truth, start = within(found, random, BATCH)
            symbols = random.randint(len(machine.alphabet), size=(10, BATCH))
            at = words.states_of(machine, symbols, truth)
        elif hard and step % 2:
            symbols = continued(machine, random, hard, BATCH, 2 * LENGTH)
            at = words.states_of(machine, symbols)
        else:
            long = recipe.runs and step % 4 == 0
            symbols, at = source.draw(BATCH, 3 * LENGTH if long else LENGTH)
        logits, _, c = net.run(torch.from_numpy(symbols), level * recipe.noise if start is None else 0, start)
        loss = model.losses_of(logits, torch.from_numpy(out[at])).mean()
        if start is None:
            smooth = 0.95 * smooth + 0.05 * loss.item()
            level = min(1.0, max(0.0, level + (0.01 if smooth < CALM else -0.01)))
        if recipe.penalty and net.cell == "lstm":
            loss = loss + recipe.penalty * torch.relu(c.abs() - BOUND).pow(2).mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    return level, smooth


def certify(program, network, truth, seconds):
    """What `rnnsafe certify` says about a weights file being the automaton of a file: verdict, and the word or the reason."""
    output = subprocess.run([program, "certify", network, "--equal", truth, "--timeout", str(seconds), "-q"],
                            stdout=subprocess.PIPE, universal_newlines=True).stdout
    line = [line for line in output.splitlines() if line.startswith("VERDICT")][0]
    _, _, verdict, detail = line.split(" ", 3)
    return verdict, detail[len("word: "):] if verdict == "VIOLATED" else detail


def tune(net, machine, recipe, seed, level, judge, rounds, hard=(), records=None):
    """Trains on where `judge(net)` failed, until it proves the network or has failed `rounds` times more: on words that begin like
    those that it found to be wrong, and when it knows neither proof nor word, from anywhere in boxes. What it said
    last, the rounds that it took, and the noise that the net bears."""
    hard, done = list(hard), 0
    verdict, detail = judge(net)
    while verdict != "PROVED" and done < rounds:
        done += 1
        if verdict == "VIOLATED":
            hard.append([machine.alphabet.index(symbol) for symbol in detail.split()])
        now = recipe._replace(boxes=verdict == "UNKNOWN")
        level, _ = fit(net, machine, now, seed + 100 * done, TUNE_STEPS, TUNE_RATE, level, hard, records)
        verdict, detail = judge(net)
        print("    round %d: %s %.60s" % (done, verdict, detail), flush=True)
    return verdict, detail, done, level
