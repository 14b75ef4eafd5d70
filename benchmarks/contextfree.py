#!/usr/bin/env python3
"""The tables of bench_contextfree's runs: python3 contextfree.py RUNS.csv [fidelity|balanced].

A case is a network with a seed. First: the best that a method does with no more than so many states, over all its caps or all its k,
mean over the cases, and in how many of them behaviour is ahead, level or behind. Then: the fewest states with which a
method is so faithful: in how many cases it never is, and, where both are, the mean number of states and who needs fewer."""

import collections
import csv
import statistics
import sys

STATES = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64]
FIDELITY = {"fidelity": [0.98, 0.99, 0.995, 0.999, 0.9995, 1.0], "balanced": [0.6, 0.7, 0.8, 0.9, 0.95, 1.0]}


def order(pairs):
    """How often the first is greater, equal, less."""
    return tuple(sum(test(a, b) for a, b in pairs) for test in
                 (lambda a, b: a > b, lambda a, b: a == b, lambda a, b: a < b))


def main():
    column = sys.argv[2] if len(sys.argv) > 2 else "fidelity"
    cases = collections.defaultdict(lambda: {"behaviour": [], "kmeans": []})
    with open(sys.argv[1]) as file:
        for r in csv.DictReader(file):
            cases[r["network"], r["seed"]][r["method"]].append((int(r["states"]), float(r[column])))
    print("    %s of %d cases: %d networks" % (column, len(cases), len(set(n for n, _ in cases))))
    print()
    print("    states at most   behaviour   k-means   ahead  level  behind")
    for n in STATES:
        pairs = [tuple(max([f for s, f in case[m] if s <= n], default=0) for m in ("behaviour", "kmeans"))
                 for case in cases.values()]
        print("    %14d     %.5f   %.5f   %5d  %5d  %6d" %
              ((n, statistics.mean(a for a, _ in pairs), statistics.mean(b for _, b in pairs)) + order(pairs)))
    print()
    print("    %-14s   never: behaviour   k-means   states: behaviour   k-means   fewer  level  more" % (column + " of"))
    for f in FIDELITY[column]:
        pairs = [tuple(min([s for s, g in case[m] if g >= f], default=None) for m in ("behaviour", "kmeans"))
                 for case in cases.values()]
        both = [(b, a) for a, b in pairs if a is not None and b is not None]
        mean = lambda values: "%.1f" % statistics.mean(values) if both else "-"
        print("    %-14g   %16d   %7d   %17s   %7s   %5d  %5d  %4d" %
              ((f, sum(a is None for a, _ in pairs), sum(b is None for _, b in pairs), mean([a for _, a in both]),
                mean([b for b, _ in both])) + order(both)))


if __name__ == "__main__":
    main()
