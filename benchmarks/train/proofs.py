#!/usr/bin/env python3
"""What training for proofs is good for: python3 proofs.py FOLDER --rnnsafe PROGRAM [--seeds N] [--only TEXT] [--judge].

Networks of 8 and 16 units learn Tomita's languages by the recipes below; then rnnsafe certify is asked whether each is its
language's automaton for words of every length. The tuned ones go on from another one, as long as certify does not prove
it: on words that begin like those which it found to be wrong, or else, when it has found none, from anywhere in the boxes around
the states of the truth. FOLDER gets the networks and results.csv; what is in there is not
done again. --judge only asks certify, about all networks that FOLDER holds. Then the tables are printed."""

import argparse
import copy
import csv
import json
import os
import time

import numpy
import torch

import automata
import model
import robust
import weights
import weiss
import words

LANGUAGES = ["tomita%d" % n for n in (1, 2, 3, 5, 6, 7)]
NETWORKS = [("gru", 8), ("gru", 16), ("lstm", 8), ("lstm", 16)]
NOISE, STEPS, ROUNDS = 0.3, 1500, 4
NOISY = robust.PLAIN._replace(noise=NOISE)
BOUNDED, RUNS = NOISY._replace(penalty=0.1), NOISY._replace(penalty=0.1, runs=0.5)
RECIPES = {"plain": robust.PLAIN, "noise": NOISY, "penalty": BOUNDED, "tuned": BOUNDED, "runs": RUNS, "runs-tuned": RUNS}
TUNED = {"tuned": ("penalty", "noise"), "runs-tuned": ("runs",)}  # from the first of these that there is: GRUs have no penalty
FIELDS = "language,cell,hidden,recipe,seed,rounds,noise,seconds,wrong,verdict,detail".split(",")


def path_of(folder, row):
    return "%s/%s_%s%d_%s_%d" % (folder, row["language"], row["cell"], row["hidden"], row["recipe"], row["seed"])


def save(net, machine, folder, row):
    path = path_of(folder, row)
    card = {"rnnsafe": 1, "cell": net.cell, "alphabet": machine.alphabet, "outputs": machine.outputs, "input": "onehot",
            "threshold": 0.0}
    weights.write(path + ".safetensors", net.tensors())
    with open(path + ".json", "w") as file:
        json.dump(card, file)


def judge(arguments, row):
    return robust.certify(arguments.rnnsafe, path_of(arguments.folder, row) + ".safetensors",
                          "%s/%s.dot" % (arguments.folder, row["language"]), arguments.timeout)


def wrong(net, machine):
    """The share of moments of 1000 words of 100 symbols, half of them u v^k w."""
    random = numpy.random.RandomState(9)
    symbols = numpy.concatenate([words.varied(machine, random, 500, 100)[0], words.pumped(machine, random, 500, 100)], axis=1)
    with torch.no_grad():
        found = model.classes_of(net.run(torch.from_numpy(symbols))[0]).numpy()
    return float((found != words.classes_of(machine, symbols)).mean())


def make(arguments, machine, row, base):
    """Trains the network of the row, or goes on with a copy of `base`, and completes the row."""
    started = time.process_time()
    recipe = RECIPES[row["recipe"]]

    def saved_verdict(net):
        save(net, machine, arguments.folder, row)
        return judge(arguments, row)

    if base:
        net, level = copy.deepcopy(base)
        row["verdict"], row["detail"], row["rounds"], level = robust.tune(net, machine, recipe, row["seed"], level, saved_verdict,
                                                                         ROUNDS)
    else:
        torch.manual_seed(row["seed"])
        net = robust.Net(len(machine.alphabet), 2, row["cell"], row["hidden"], one_logit=True)
        level, _ = robust.fit(net, machine, recipe, row["seed"], STEPS)
        row["verdict"], row["detail"] = saved_verdict(net)
    row["noise"], row["wrong"] = "%.2f" % (recipe.noise * level), "%.5f" % wrong(net, machine)
    row["seconds"] = "%.0f" % (time.process_time() - started)
    return net, level


def read(table):
    with open(table, newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["hidden"], row["seed"], row["rounds"] = int(row["hidden"]), int(row["seed"]), int(row["rounds"])
    return rows


def write(table, rows, mode="w"):
    with open(table, mode, newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        if mode == "w":
            writer.writeheader()
        writer.writerows(rows)


def train(arguments, table):
    done = read(table) if os.path.exists(table) else []
    if not done:
        write(table, [])
    keys = {(r["language"], r["cell"], r["hidden"], r["seed"]) for r in done if r["recipe"] == list(RECIPES)[-1]}
    for seed in range(1, arguments.seeds + 1):
        for language in LANGUAGES:
            machine = weiss.LANGUAGES[language]
            automata.write_dot(machine, language, "%s/%s.dot" % (arguments.folder, language))
            for cell, hidden in NETWORKS:
                key, made, rows = (language, cell, hidden, seed), {}, []
                if key in keys or arguments.only not in "%s %s%d" % (language, cell, hidden):
                    continue
                for recipe in RECIPES:
                    if recipe == "penalty" and cell != "lstm":
                        continue
                    row = dict(zip(FIELDS, key[:3] + (recipe, seed, 0)))
                    base = next((made[r] for r in TUNED.get(recipe, ()) if r in made), None)
                    made[recipe] = make(arguments, machine, row, base)
                    rows.append(row)
                    print(" ".join(str(row[f]) for f in FIELDS)[:150], flush=True)
                write(table, rows, "a")


def tables(rows):
    """By cell and recipe, then by language."""
    count = lambda some, verdict: sum(r["verdict"] == verdict for r in some)
    lines = ["| | recipe | networks | right on 1000 long words | PROVED | VIOLATED | UNKNOWN |", "|---|---|---|---|---|---|---|"]
    for cell, hidden in NETWORKS:
        for recipe in RECIPES:
            some = [r for r in rows if (r["cell"], r["hidden"], r["recipe"]) == (cell, hidden, recipe)]
            if some:
                lines.append("| %s %d | %s | %d | %d | %d | %d | %d |" % (
                    cell, hidden, recipe, len(some), sum(float(r["wrong"]) == 0 for r in some), count(some, "PROVED"),
                    count(some, "VIOLATED"), count(some, "UNKNOWN")))
    lines += ["", "| PROVED | %s |" % " | ".join(LANGUAGES), "|---|" + "---|" * len(LANGUAGES)]
    for recipe in RECIPES:
        cells = []
        for language in LANGUAGES:
            some = [r for r in rows if (r["language"], r["recipe"]) == (language, recipe)]
            cells.append("%d of %d" % (count(some, "PROVED"), len(some)) if some else "")
        lines.append("| %s | %s |" % (recipe, " | ".join(cells)))
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description="Train small networks for proofs and count what certify proves.")
    parser.add_argument("folder")
    parser.add_argument("--rnnsafe", required=True, help="the program")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--timeout", type=int, default=10, help="seconds of each certify")
    parser.add_argument("--only", default="", help='networks whose "LANGUAGE CELLHIDDEN" has this text')
    parser.add_argument("--judge", action="store_true", help="train nothing")
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    table = os.path.join(arguments.folder, "results.csv")
    if not arguments.judge:
        train(arguments, table)
    rows = read(table)
    if arguments.judge:
        for row in rows:
            row["verdict"], row["detail"] = judge(arguments, row)
        write(table, rows)
    print(tables(rows))


if __name__ == "__main__":
    main()
