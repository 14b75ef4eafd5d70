"""From words to a machine: rnnsafe beside the usual way in Python, on the same words, one thread each, by turns.

    python3 pipeline.py BENCH_PIPELINE FOLDER FILE [WORDS [LENGTH [CLUSTERS [ROUNDS]]]]

BENCH_PIPELINE is the program that pipeline.c makes; FILE is a row of FOLDER/manifest.csv, a network of one layer whose
state_dict has the keys rnn.* and fc.*. The usual way: PyTorch runs the words and keeps all hidden states, scikit-learn's k-means
(n_init=1) makes states of them, numpy counts transitions, majorities decide. Fidelity is the share of fresh random words
after whose last symbol machine and network agree. Prints seconds of processor time by phase, the least of the rounds, and their
ratio; then the machine that rnnsafe makes by recorded behaviour alone, of at most 1000 words."""
import os

for name in "OPENBLAS", "OMP", "MKL":
    os.environ[name + "_NUM_THREADS"] = "1"

import csv
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch
from sklearn.cluster import KMeans

torch.set_num_threads(1)
program, folder, wanted = sys.argv[1:4]
count, length, clusters, rounds = (int(sys.argv[i]) if len(sys.argv) > i else default
                                   for i, default in ((4, 20000), (5, 50), (6, 100), (7, 2)))
with open(os.path.join(folder, "manifest.csv")) as manifest:
    row = next(r for r in csv.DictReader(manifest) if r["file"] == wanted)
symbols, hidden, classes = (int(row[key]) for key in ("inputs", "hidden", "classes"))
path = os.path.join(folder, wanted)


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        cell = row["cell"]
        self.rnn = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[cell](symbols, hidden) if cell in ("gru", "lstm") \
            else torch.nn.RNN(symbols, hidden, nonlinearity=cell)
        self.fc = torch.nn.Linear(hidden, classes)

    def forward(self, words):
        """Hidden states and classes [length, words] of words [words, length]."""
        x = torch.nn.functional.one_hot(torch.from_numpy(words.T.astype(np.int64)), symbols).float()
        states, _ = self.rnn(x)
        return states.numpy(), self.fc(states).argmax(-1).numpy()


def usual(words, fresh):
    """Seconds of the phases and fidelity."""
    net = Network()
    net.load_state_dict(torch.load(path, map_location="cpu"))
    with torch.no_grad():
        start = time.process_time()
        states, outputs = net(words)
        traced = time.process_time()
        labels = KMeans(clusters, n_init=1, random_state=1).fit_predict(states.reshape(-1, hidden))
        labels = labels.reshape(length, -1)
        clustered = time.process_time()
        counts = np.zeros((clusters + 1, symbols, clusters))
        before = np.vstack([np.full((1, len(words)), clusters), labels[:-1]])
        np.add.at(counts, (before.ravel(), words.T.ravel(), labels.ravel()), 1)
        votes = np.zeros((clusters, classes))
        np.add.at(votes, (labels.ravel(), outputs.ravel()), 1)
        step, output = counts.argmax(-1), votes.argmax(-1)
        built = time.process_time()
        right = 0
        for word in fresh:
            state = clusters
            for symbol in word:
                state = step[state, symbol]
            right += output[state] == net(word[None])[1][-1, 0]
    return (traced - start, clustered - traced, built - clustered), right / len(fresh)


def phases(seconds):
    return "forward %.2f s, cluster %.2f s, transitions %.2f s" % tuple(seconds)


def rnnsafe(method, scratch, count):
    command = [program, method, path, row["alphabet"], row["outputs"], scratch, str(count), str(length), str(clusters)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


ours, theirs = [], []
with tempfile.TemporaryDirectory() as scratch:
    for _ in range(rounds):
        fields = rnnsafe("kmeans", scratch, count).split()
        ours.append(tuple(float(fields[i]) for i in (1, 3, 5)))
        words = np.fromfile(os.path.join(scratch, "words"), np.uint32).reshape(count, length)
        raw, fresh = np.fromfile(os.path.join(scratch, "fresh"), np.uint32), []
        while len(raw):
            fresh.append(raw[1:raw[0] + 1])
            raw = raw[raw[0] + 1:]
        seconds, fidelity = usual(words, fresh)
        theirs.append(seconds)
least, usual_least = (min(runs, key=sum) for runs in (ours, theirs))
print("%s: %d states of %d numbers, %d clusters" % (wanted, words.size, hidden, clusters))
print("  usual:   %s; fidelity %.4f" % (phases(usual_least), fidelity))
print("  rnnsafe: %s; fidelity %s, %s states recorded, machine of %s" % (phases(least), fields[11], fields[7], fields[9]))
print("  ratio %.1f" % (sum(usual_least) / sum(least)), flush=True)
with tempfile.TemporaryDirectory() as scratch:
    few = min(count, 1000)
    print("  rnnsafe by behaviour, %d words: %s" % (few, rnnsafe("behaviour", scratch, few)))
