#!/usr/bin/env python3
"""Measures a bundled network and writes its expected.json and README.md: python3 check.py CASE|all [--out DIR].

The network is run on every word up to a length (up to half a million words) and on long random words; the verdicts are what the
monitors saw there. Nothing here comes from the ground truth but the accuracy.
"""

import argparse
import json
import os
import sys

import numpy

import cases
import properties
import weights
import words

LIMIT = 600000


def training_set(case):
    return words.logged(case.machine, case.logs, numpy.random.RandomState(3), 2000, case.length)


def test_set(case):
    """2000 words of the training distribution, of every length up to the training length: accuracy is about the last symbol."""
    random = numpy.random.RandomState(4)
    if case.logs:
        symbols, classes = words.logged(case.machine, case.logs, random, 2000, case.length)
    else:
        symbols, classes = words.varied(case.machine, random, 2000, case.length)
    return symbols, classes, random.randint(case.length, size=2000)


def run(net, symbols):
    """Classes [length, count]."""
    states, classes = numpy.tile(net.initial, (symbols.shape[1], 1)), numpy.zeros_like(symbols)
    for t, row in enumerate(symbols):
        states = net.step(states, row)
        classes[t] = net.classify(states)[0]
    return classes


def advance(monitor, at, symbols, outputs):
    """monitor.step for arrays: once for each different letter and state."""
    keys = numpy.stack([at, symbols, outputs], axis=1)
    distinct, where = numpy.unique(keys, axis=0, return_inverse=True)
    after = numpy.array([monitor.step(*map(int, key)) for key in distinct])
    return after[where.reshape(-1)]


class Finding:
    def __init__(self):
        self.words = []  # the shortest violating words, at most five
        self.count = 0   # of that length
        self.truth = False


def exhaustive(case, net, monitors):
    """Every word, level by level. Word i of a level is i written with the alphabet as digits."""
    machine, size = case.machine, len(case.machine.alphabet)
    delta, out = numpy.array(machine.delta), numpy.array(machine.out)
    states, true = net.initial[None, :], numpy.zeros(1, dtype=int)
    at = {key: numpy.zeros(1, dtype=int) for key in [(name, who) for name, _ in monitors for who in ("net", "truth")]}
    findings, wrong, total, margin, length = {name: Finding() for name, _ in monitors}, [], 0, numpy.inf, 0
    while total + size * len(true) <= LIMIT:
        length += 1
        symbols = numpy.tile(numpy.arange(size), len(true))
        states = net.step(numpy.repeat(states, size, axis=0), symbols)
        true = delta[numpy.repeat(true, size), symbols]
        classes, margins = net.classify(states)
        margin = min(margin, margins.min())
        total += len(true)
        spell = lambda i: [machine.alphabet[i // size ** k % size] for k in range(length - 1, -1, -1)]
        wrong += [spell(i) for i in numpy.flatnonzero(classes != out[true])[:max(0, 5 - len(wrong))]]
        for name, monitor in monitors:
            for who, outputs in (("net", classes), ("truth", out[true])):
                now = advance(monitor, numpy.repeat(at[name, who], size), symbols, outputs)
                at[name, who] = now
                bad = numpy.flatnonzero(numpy.array([monitor.bad(q) for q in range(len(monitor.states))])[now])
                if who == "truth":
                    findings[name].truth |= bool(len(bad))
                elif len(bad) and not findings[name].words:
                    findings[name].words, findings[name].count = [spell(i) for i in bad[:5]], len(bad)
    return findings, wrong, total, float(margin), length


def long_words(case, net, monitors):
    """2000 uniform and 2000 varied words of 100 symbols: moments wrong, and the properties that some word violates."""
    random = numpy.random.RandomState(5)
    wrong, violated = 0, set()
    for sample in (words.uniform, words.varied):
        symbols, truth = sample(case.machine, random, 2000, 100)
        classes = run(net, symbols)
        wrong += int((classes != truth).sum())
        for name, monitor in monitors:
            at = numpy.zeros(symbols.shape[1], dtype=int)
            for row, outputs in zip(symbols, classes):
                at = advance(monitor, at, row, outputs)
            if any(monitor.bad(q) for q in at):
                violated.add(name)
    return wrong, violated


def check(case, folder):
    net = weights.Network(folder, case.name)
    monitors = properties.read_file("%s/%s.properties" % (folder, case.name), case.machine.alphabet, case.machine.outputs)
    symbols, truth, last = test_set(case)
    found, columns = run(net, symbols), numpy.arange(symbols.shape[1])
    accuracy = float((found == truth)[last, columns].mean())
    findings, wrong, total, margin, length = exhaustive(case, net, monitors)
    long_wrong, long_violated = long_words(case, net, monitors)
    print("  accuracy %.4f, margin %.2f, long words: %d wrong" % (accuracy, margin, long_wrong))
    for name in long_violated:
        assert findings[name].words, "%s: %s is only violated by words longer than %d" % (case.name, name, length)
    expected = {name: "VIOLATED" if findings[name].words else "HOLDS" for name, _ in monitors}
    with open("%s/expected.json" % folder, "w") as file:
        file.write(json.dumps(expected, indent=2) + "\n")
    seen = {"accuracy": accuracy, "total": total, "length": length, "wrong": wrong, "margin": margin, "long": long_wrong}
    text = readme(case, net, monitors, findings, seen)
    with open("%s/README.md" % folder, "w") as file:
        file.write(text)
    print(text)
    return row(case, net, findings, seen)


def readme(case, net, monitors, findings, seen):
    data = "random words of %d and %d symbols, fresh ones at every step, with" % (case.length, 4 * case.length)
    if case.logs:
        data = "2000 recorded words of %d symbols, with" % case.length
    if case.recipe:
        data = "random words%s, long runs among them, with noise on the state and" % (" and 2000 recorded ones" if case.logs else "")
    layers = "%d layer%s" % (net.layers, "" if net.layers == 1 else "s")
    exact = "none is classified wrongly; the smallest margin is %.1f" % seen["margin"]
    if seen["wrong"]:
        exact = "wrong on some, the shortest is `%s`" % " ".join(seen["wrong"][0])
    lines = ["# " + case.title, "", case.story, "",
             "Network: %s, %s of %d, %s input, %d weights. Ground truth: `truth.dot`, %d states." %
             (net.cell, layers, net.hidden, "embedding" if net.card["input"] == "embedding" else "one-hot", net.parameters(),
              case.machine.states()), "",
             "Trained by `benchmarks/train/train.py %s` on %s a label after every symbol." % (case.name, data), "",
             "| seen | |", "|---|---|",
             "| 2000 test words from the training distribution | %.2f %% right |" % (100 * seen["accuracy"]),
             "| all %d words up to length %d | %s |" % (seen["total"], seen["length"], exact),
             "| 4000 random words of length 100 | %d of 400000 classes wrong |" % seen["long"], ""]
    lines += [case.remark, ""] if case.remark else []
    lines += ["| property | expected | shortest violating words | ground truth |", "|---|---|---|---|"]
    for name, _ in monitors:
        finding = findings[name]
        word = ", ".join("`%s`" % " ".join(word) for word in finding.words[:1 if finding.truth else 3])
        lines.append("| %s | %s | %s | %s |" % (name, "VIOLATED" if finding.words else "HOLDS", word,
                                             "violates it" if finding.truth else "satisfies it"))
    return "\n".join(lines) + "\n"


def row(case, net, findings, seen):
    """The case's line in specs/README.md."""
    violated = sum(bool(finding.words) for finding in findings.values())
    return "| [%s](%s/) | %s | %d | %d | %s | %d | %.2f %% | %s | %d HOLDS, %d VIOLATED |" % (
        case.name, case.name, net.cell, net.layers, net.hidden, "embedding" if net.card["input"] == "embedding" else "one-hot",
        case.machine.states(), 100 * seen["accuracy"], "no" if seen["wrong"] else "yes", len(findings) - violated, violated)


def overview(rows):
    return "\n".join([
        "# Example networks", "",
        "Small trained networks with their cards, ground truths, properties and expected verdicts, one folder a case. `CASE.properties`",
        "explains each property; the README of a case shows what was measured. `benchmarks/train/` made them.", "",
        "| case | cell | layers | hidden | input | states of the truth | test accuracy | right on all short words | expected verdicts |",
        "|---|---|---|---|---|---|---|---|---|"] + rows + ["",
        "Where the network is right on all short words, the automaton that is extracted should be `truth.dot`. `crossing` is there for the",
        "opposite: no test word tells that it opens the gate in front of a train, but one of five symbols does. `crossing_repaired` is the same",
        "network retrained.", "",
        "`rnnsafe certify specs/CASE/CASE.safetensors specs/CASE/CASE.properties --timeout 60` proves for words of every length what the",
        "truth satisfies of `crossing_repaired` (GRU, 6 properties) and of `valves` (LSTM, 5), two properties of `tomita3` (ReLU) and one of",
        "`coffee` (tanh). The first two were trained for proofs. Of others it finds that they go wrong on words of 48 to 186 symbols,",
        "which `expected.json`, made from shorter ones, does not count: `only_balanced` and `all_balanced` of `brackets`, `two_ticks` of",
        "`elevator`, `publish_needs_auth` and `publish_after_handshake` of `session`, and four properties of `lock`.", ""])


def main():
    parser = argparse.ArgumentParser(description="Measure the bundled networks.")
    parser.add_argument("case", choices=[case().name for case in cases.ALL] + ["all"])
    parser.add_argument("--out", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "specs"))
    arguments = parser.parse_args()
    chosen = [case for case in (make() for make in cases.ALL) if arguments.case in (case.name, "all")]
    rows = [check(case, os.path.join(arguments.out, case.name)) for case in chosen]
    if arguments.case == "all":
        with open(os.path.join(arguments.out, "README.md"), "w") as file:
            file.write(overview(rows))


if __name__ == "__main__":
    sys.exit(main())
