#!/usr/bin/env python3
"""Checks every bundled case with rnnsafe and runs what it reports with PyTorch.

    replay_torch.py [--program build/release/rnnsafe] [--specs specs]

For each case: `rnnsafe check` with seeds 1, 2, 3 and with 1 and 2 threads gives the verdicts of expected.json, the same for the same
seed on any number of threads; and every VIOLATED word, run by PyTorch, has the outputs that were reported and violates the
property by the slow reading of train/properties.py, at its last symbol and not before. Prints a row a case; exit code 1 when
something differs.
"""

import argparse
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "train"))

import torch

import cases
import model
import properties
import weights


def check(program, folder, case, seed, threads):
    """The JSON report without what may differ: seconds."""
    path = os.path.join(folder, case, case)
    done = subprocess.run([program, "check", path + ".safetensors", path + ".properties", "--seed", str(seed), "--threads",
                           str(threads), "--json", "-", "-q"], capture_output=True, text=True)
    if done.returncode not in (0, 5, 10):
        sys.exit("%s: exit code %d: %s" % (case, done.returncode, done.stderr.strip()))
    report = json.loads(done.stdout)
    del report["seconds"]
    return report


def load(folder, case):
    """The case's network in PyTorch, with the committed weights."""
    tensors = weights.read(os.path.join(folder, case.name, case.name + ".safetensors"))
    net = model.Model(len(case.machine.alphabet), len(case.machine.outputs), **case.network)
    net.load_state_dict({key: torch.tensor(value) for key, value in tensors.items()})
    return net


def outputs_of(net, word, alphabet, outputs):
    with torch.no_grad():
        logits = net(torch.tensor([[alphabet.index(symbol)] for symbol in word]))[:, 0]
    classes = (logits[:, 0] > 0).long() if logits.shape[-1] == 1 else logits.argmax(-1)
    return [outputs[i] for i in classes.tolist()]


def moment_of_violation(monitor, word, outputs, alphabet, names):
    """The number of moments after which the monitor is bad; None when it is not."""
    state = 0
    for i, (symbol, output) in enumerate(zip(word, outputs)):
        state = monitor.step(state, alphabet.index(symbol), names.index(output))
        if monitor.bad(state):
            return i + 1
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/rnnsafe")
    parser.add_argument("--specs", default="specs")
    options = parser.parse_args()
    failures = 0

    def expect(truth, *what):
        nonlocal failures
        if not truth:
            failures += 1
            print("WRONG", *what)

    for case in (make() for make in cases.ALL):
        name = case.name
        with open(os.path.join(options.specs, name, "expected.json")) as file:
            expected = json.load(file)
        net = load(options.specs, case)
        words = 0
        for seed in (1, 2, 3):
            report = check(options.program, options.specs, name, seed, 1)
            expect(report == check(options.program, options.specs, name, seed, 2), name, "differs with 2 threads, seed", seed)
            alphabet, outputs = report["network"]["alphabet"], report["network"]["outputs"]
            monitors = dict(properties.read_file(os.path.join(options.specs, name, name + ".properties"), alphabet, outputs))
            expect({p["name"]: p["verdict"] for p in report["properties"]} == expected, name, "verdicts, seed", seed)
            for p in report["properties"]:
                if p["verdict"] != "VIOLATED":
                    continue
                word = p["counterexample"]["word"]
                torch_outputs = outputs_of(net, word, alphabet, outputs)
                expect(torch_outputs == p["counterexample"]["outputs"], name, p["name"], "outputs on", word)
                moment = moment_of_violation(monitors[p["name"]], word, torch_outputs, alphabet, outputs)
                expect(moment == len(word), name, p["name"], "is violated at moment", moment, "of", word)
                words += 1
        print("%-12s %2d properties, %2d violated; %d violating words run by PyTorch" %
              (name, len(expected), sum(v == "VIOLATED" for v in expected.values()), words))
    print("%d wrong" % failures)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
