#!/usr/bin/env python3
"""Networks like those that automata are extracted from by queries: python3 weiss.py FOLDER [--only TEXT] [--cell gru|lstm].

Weiss, Goldberg and Yahav (Extracting Automata from Recurrent Neural Networks Using Queries and Counterexamples, ICML 2018, arXiv
1711.09576) extract Tomita's seven languages and balanced brackets among letters. Here each is learned by a network of two layers of
50 units from the labels of whole words: lengths 1 to 15 and 16, 19, 22 ... 100, of each length up to 150 words of the language and 150
others. Short words come first, and longer ones when those are right. A network is taken as it comes: when it has all training
words right, or after the last step. Of the hard languages, EARLY networks are written as well: those of the first
check that finds them right on at least nine in ten of the training words.

FOLDER gets LANGUAGE/CELL_2x50.safetensors with its card, LANGUAGE/truth.dot, LANGUAGE/test.words (fresh words made like those that
are learned) and a row of manifest.csv for each network. `agreement` is the share of 3000 fresh random words of lengths 1 to 16
on which network and truth agree."""

import argparse
import csv
import json
import os
import sys
import time

import numpy
import torch

import automata
import model
import weights

LENGTHS = list(range(1, 16)) + list(range(16, 101, 3))
HALF = 150       # words of a length that are in the language; as many are not
EARLY = 0.9
CHECK = 100      # steps
STEPS = 4000


def tomita(number):
    """Number 3 is the reading of Weiss et al.: an odd block of 1s is never followed later by an odd block of 0s."""
    def block(state, symbol):
        last, odd, armed = state
        if symbol == last:
            return last, not odd, armed
        if odd and armed and last == "0":
            return None
        return symbol, True, armed or (odd and last == "1")

    steps = {1: ("", lambda q, s: q if s == "1" else None, lambda q: True),
             2: ("1", lambda q, s: ("0" if s == "1" else "1") if s == q else None, lambda q: q == "1"),
             3: (("0", False, False), block, lambda q: not (q[0] == "0" and q[1] and q[2])),
             4: (0, lambda q, s: 0 if s == "1" else q + 1 if q < 2 else None, lambda q: True),
             5: ((0, 0), lambda q, s: (1 - q[0], q[1]) if s == "0" else (q[0], 1 - q[1]), lambda q: q == (0, 0)),
             6: (0, lambda q, s: (q + (1 if s == "0" else 2)) % 3, lambda q: q == 0),
             7: (("0", 1), lambda q, s: (s, q[1]) if s >= q[0] else (s, q[1] - 1) if q[1] else None, lambda q: True)}
    start, step, accepts = steps[number]
    return automata.explore(["0", "1"], ["reject", "accept"], start, lambda q, s: None if q is None else step(q, s),
                            lambda q: "accept" if q is not None and accepts(q) else "reject")


def brackets():
    """Letters between balanced brackets, which nest to a depth of at most 10."""
    def step(depth, symbol):
        if depth is None or symbol not in "()":
            return depth
        depth += 1 if symbol == "(" else -1
        return depth if 0 <= depth <= 10 else None

    return automata.explore(list("()abcdefghijklmnopqrstuvwxyz"), ["reject", "accept"], 0, step,
                            lambda depth: "accept" if depth == 0 else "reject")


LANGUAGES = dict([("tomita%d" % n, tomita(n)) for n in range(1, 8)], brackets=brackets())
HARD = ("tomita5", "tomita6", "brackets")


def members(machine, random, count, length, wanted):
    """Words of a length whose class is `wanted`, each as likely as any other, but that the brackets together weigh as much as the
    letters; none when there is none. Drawn symbol by symbol, weighed by what can still follow."""
    delta, out = numpy.array(machine.delta), numpy.array(machine.out)
    letters = len(machine.alphabet) - 2
    weight = numpy.array([max(1.0, letters / 2.0) if s in "()" else 1.0 for s in machine.alphabet])
    follow = [(out == wanted).astype(float)]
    for _ in range(length):
        total = (weight * follow[-1][delta]).sum(axis=1)
        follow.append(total / max(total.max(), 1e-300))
    if not follow[length][0]:
        return numpy.zeros((0, length), dtype=int)
    words, state = numpy.zeros((count, length), dtype=int), numpy.zeros(count, dtype=int)
    for t in range(length):
        share = (weight * follow[length - t - 1][delta[state]]).cumsum(axis=1)
        words[:, t] = (random.rand(count, 1) * share[:, -1:] >= share[:, :-1]).sum(axis=1)
        state = delta[state, words[:, t]]
    return words


def classes_of(machine, words):
    delta, state = numpy.array(machine.delta), numpy.zeros(len(words), dtype=int)
    for t in range(words.shape[1]):
        state = delta[state, words[:, t]]
    return numpy.array(machine.out)[state]


def word_set(machine, random):
    """[(words, classes)] by length. Half of the words outside the language are words inside with one symbol or two exchanged."""
    data = []
    for length in LENGTHS:
        inside = members(machine, random, HALF, length, 1)
        near = inside.copy()
        for word in near:
            for t in random.randint(length, size=random.randint(1, 3)):
                word[t] = random.randint(len(machine.alphabet))
        near = near[classes_of(machine, near) == 0][:HALF // 2]
        outside = numpy.concatenate([near, members(machine, random, HALF - len(near), length, 0)])
        words = numpy.unique(numpy.concatenate([inside, outside]), axis=0)
        data.append((words, classes_of(machine, words)))
    return data


def accuracy(net, data):
    with torch.no_grad():
        right = [(net(torch.from_numpy(w.T.copy()))[-1].argmax(-1).numpy() == c).mean() for w, c in data]
    return float(numpy.mean(right))


def train(machine, cell, early):
    """The network, and what it was at the first check of at least EARLY, if that is wanted."""
    torch.manual_seed(1)
    random = numpy.random.RandomState(1)
    data = word_set(machine, random)
    net = model.Model(len(machine.alphabet), 2, cell, 50, 2)
    optimiser = torch.optim.Adam(net.parameters(), lr=0.003)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimiser, 0.1 ** (1.0 / STEPS))
    copy, reach, recent = None, 5, []
    for step in range(1, STEPS + 1):
        words, classes = data[random.randint(reach) if step % 2 else reach - 1 - random.randint(min(5, reach))]
        chosen = random.randint(len(words), size=64)
        logits = net(torch.from_numpy(words[chosen].T.copy()))[-1]
        labels = torch.from_numpy(classes[chosen])
        loss = torch.nn.functional.cross_entropy(logits, labels)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        recent = recent[-9:] + [float((logits.argmax(-1) == labels).float().mean())]
        if len(recent) == 10 and min(recent) > 0.95 and reach < len(LENGTHS):
            reach, recent = reach + 1, recent[5:]
        if step % CHECK:
            continue
        right = accuracy(net, data)
        if early and copy is None and right >= EARLY:
            copy = {key: tensor.copy() for key, tensor in net.tensors().items()}, step, right
        if right == 1 and reach == len(LENGTHS):
            break
    return (net.tensors(), step, right), copy


def agreement(machine, network):
    random, right = numpy.random.RandomState(7), 0
    for i in range(3000):
        word = random.randint(len(machine.alphabet), size=random.randint(1, 17))
        states = network.initial[None]
        for symbol in word:
            states = network.step(states, numpy.array([symbol]))
        right += network.classify(states)[0][0] == classes_of(machine, word[None])[0]
    return right / 3000.0


def write_words(machine, path):
    random = numpy.random.RandomState(3)
    with open(path, "w") as file:
        for words, _ in word_set(machine, random):
            for word in words[random.permutation(len(words))[:40]]:
                file.write(" ".join(machine.alphabet[s] for s in word) + "\n")


def main():
    parser = argparse.ArgumentParser(description="Train networks of two layers of 50 units on Tomita's languages and on brackets.")
    parser.add_argument("folder")
    parser.add_argument("--only", default="", help="languages that contain this text")
    parser.add_argument("--cell", choices=["gru", "lstm"], help="this cell alone")
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    table = os.path.join(arguments.folder, "manifest.csv")
    fields = "file,language,cell,layers,hidden,inputs,classes,kind,states,alphabet,outputs,agreement".split(",")
    if not os.path.exists(table):
        with open(table, "w") as file:
            file.write(",".join(fields) + "\n")
    for language, machine in LANGUAGES.items():
        if arguments.only not in language:
            continue
        folder = os.path.join(arguments.folder, language)
        os.makedirs(folder, exist_ok=True)
        automata.write_dot(machine, language, os.path.join(folder, "truth.dot"))
        write_words(machine, os.path.join(folder, "test.words"))
        for cell in [arguments.cell] if arguments.cell else ["gru", "lstm"]:
            started = time.time()
            made = train(machine, cell, language in HARD)
            for suffix, result in zip(["", "_early"], made):
                if result is None:
                    continue
                tensors, steps, right = result
                name = "%s_2x50%s" % (cell, suffix)
                card = {"rnnsafe": 1, "cell": cell, "alphabet": machine.alphabet, "outputs": machine.outputs, "input": "onehot",
                        "description": "%s, %d training steps, %.4f of the training words right" % (language, steps, right)}
                weights.write("%s/%s.safetensors" % (folder, name), tensors)
                with open("%s/%s.json" % (folder, name), "w") as file:
                    file.write(json.dumps(card, indent=2) + "\n")
                share = agreement(machine, weights.Network(folder, name))
                with open(table, "a", newline="") as file:
                    csv.writer(file, lineterminator="\n").writerow(
                        ["%s/%s.safetensors" % (language, name), language, cell, 2, 50, len(machine.alphabet), 2, "dfa",
                         machine.states(), " ".join(machine.alphabet), " ".join(machine.outputs), "%.4f" % share])
                print("%s %s: %d steps, training words %.4f, fresh words %.4f right; %d seconds" %
                      (language, name, steps, right, share, time.time() - started), flush=True)


if __name__ == "__main__":
    sys.exit(main())
