#!/usr/bin/env python3
"""Trains a bundled network: python3 train.py CASE|all [--out DIR] [--rnnsafe PROGRAM]. Then measures it: see check.py."""

import argparse
import json
import os
import sys
import time

import numpy
import torch

import automata
import cases
import check
import model
import robust
import weights
import words

ROUNDS = 20  # of tuning


def card_of(case):
    machine, network = case.machine, case.network
    card = {"rnnsafe": 1, "cell": network["cell"], "alphabet": machine.alphabet, "outputs": machine.outputs,
            "input": "embedding" if "embedding" in network else "onehot", "description": case.title + ". " + case.story}
    if "embedding" in network:
        card["embedding"] = "emb.weight"
    if network.get("one_logit"):
        card["threshold"] = 0.0
    if "head" in network:
        card["head"] = [{"weight": "head.0.weight", "bias": "head.0.bias", "activation": "relu"},
                        {"weight": "head.2.weight", "bias": "head.2.bias", "activation": "none"}]
    if network.get("learned_start"):
        card["initial"] = {"h": "h0", "c": "c0"} if network["cell"] == "lstm" else {"h": "h0"}
    return card


def train(case):
    torch.manual_seed(case.seed)
    machine = case.machine
    net = model.Model(len(machine.alphabet), len(machine.outputs), **case.network)
    if case.logs:
        data, classes = check.training_set(case)

        def batch(random, step):
            chosen = random.randint(data.shape[1], size=64)
            return data[:, chosen], classes[:, chosen], case.noise

        control = data[:, :500], classes[:, :500]
    else:
        def batch(random, step):
            """Short words with noise, which makes states keep their distance; every fourth time the worst of many long words,
            which keep states from drifting."""
            if step % 4:
                return words.varied(machine, random, 64, case.length, case.near_misses) + (case.noise,)
            long, classes = words.varied(machine, random, 512, 4 * case.length, case.near_misses)
            worst = model.worst(net, long, classes, 64)
            return long[:, worst], classes[:, worst], 0

        control = words.varied(machine, numpy.random.RandomState(2), 2000, 100, case.near_misses)

    def wrong(net):
        with torch.no_grad():
            found = model.classes_of(net(torch.from_numpy(control[0]))).numpy()
        return int((found != control[1]).sum()), control[1].size

    model.fit(net, batch, wrong, case.steps, case.rate, case.decay, case.patience)
    return net


def train_for_proofs(case, folder, program):
    """As robust.py has it, tuned until certify proves that the network is the truth."""
    torch.manual_seed(case.seed)
    machine = case.machine
    net = robust.Net(len(machine.alphabet), len(machine.outputs), **case.network)
    records = check.training_set(case)[0] if case.logs else None

    def judge(net):
        write(case, folder, net)
        path = "%s/%s.safetensors" % (folder, case.name)
        return robust.certify(program, path, "%s/truth.dot" % folder, 15) if program else ("", "certify was not asked")

    level, _ = robust.fit(net, machine, case.recipe, case.seed, case.steps, hard=case.hard, records=records)
    verdict, detail, rounds, _ = robust.tune(net, machine, case.recipe, case.seed, level, judge, ROUNDS if program else 0, case.hard,
                                             records)
    print("  after %d rounds: %s %s" % (rounds, verdict, detail), flush=True)
    return net


def write(case, folder, net):
    weights.write("%s/%s.safetensors" % (folder, case.name), net.tensors())
    with open("%s/%s.json" % (folder, case.name), "w") as file:
        file.write(json.dumps(card_of(case), indent=2) + "\n")
    for name, machine in dict(case.extra, truth=case.machine).items():
        automata.write_dot(machine, case.name if name == "truth" else name, "%s/%s.dot" % (folder, name))


def main():
    parser = argparse.ArgumentParser(description="Train the bundled networks.")
    parser.add_argument("case", choices=[case().name for case in cases.ALL] + ["all"])
    parser.add_argument("--out", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "specs"),
                        help="the folder of the case folders (specs/)")
    parser.add_argument("--rnnsafe", help="the program, for the cases that are trained for proofs: they are tuned until it proves them")
    arguments = parser.parse_args()
    for make in cases.ALL:
        case = make()
        if arguments.case not in (case.name, "all"):
            continue
        print(case.name, flush=True)
        folder = os.path.join(arguments.out, case.name)
        os.makedirs(folder, exist_ok=True)
        started = time.time()
        net = train_for_proofs(case, folder, arguments.rnnsafe) if case.recipe else train(case)
        print("  %.0f seconds, %d states" % (time.time() - started, case.machine.states()), flush=True)
        write(case, folder, net)
        if os.path.exists("%s/%s.properties" % (folder, case.name)):
            check.check(case, folder)
        else:
            print("  no %s.properties in %s: nothing checked" % (case.name, folder))


if __name__ == "__main__":
    sys.exit(main())
