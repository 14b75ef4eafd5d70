"""k-means and mini-batch k-means beside scikit-learn's on hidden states, one thread each, by turns: a table of cells.

    python3 kmeans.py BENCH_CLUSTER METHOD NS DS KS [SEEDS [ITERATIONS [ALGORITHMS]]]

BENCH_CLUSTER is the program that cluster.c makes, METHOD kmeans or minibatch. NS, DS and KS are lists with commas: every
number of points with every dimension (multiples of 16) with every number of clusters is a cell. The points are the states of
specs/coffee (a tanh network of 16 units) on random words of 64 symbols; 16 w coordinates are the states after the last w
symbols side by side, zeros before the first. In each of SEEDS rounds (5) both start once from a seeding of their own, with the
same tolerance (1e-4 of the variance) and at most ITERATIONS (100) iterations over all points. Of rnnsafe the third of three equal
fits in a process is timed (of two for more than 100,000 points): scikit-learn's process has touched its points and its memory, too. Of ALGORITHMS (lloyd,elkan)
scikit-learn's faster one in the first round goes on. A row: the mean seconds of processor time, their ratio, and the ratio of mean inertias,
both of the labels' means. Last: the geometric mean and the least of the ratios of time, the geometric mean and the greatest of
those of inertia."""
import os

for name in "OPENBLAS", "OMP":
    os.environ[name + "_NUM_THREADS"] = "1"

import subprocess
import sys
import tempfile
import time

import numpy as np
from scipy import sparse
from sklearn import cluster

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "train"))
import weights

WORD = 64


def states(n, window):
    net = weights.Network(os.path.join(HERE, "../specs/coffee"), "coffee")
    random = np.random.RandomState(1)
    words = -(-n // WORD)
    now = np.tile(net.initial, (words, 1))
    seen = [np.zeros_like(now)] * (window - 1) + [now]
    out = np.empty((words, WORD, window * now.shape[1]), np.float32)
    for t in range(WORD):
        now = net.step(now, random.randint(len(net.card["alphabet"]), size=words)).astype(np.float32)
        seen = seen[1:] + [now]
        out[:, t] = np.concatenate(seen, axis=1)
    return out.reshape(words * WORD, -1)[:n].copy()


def inertia(points, labels):
    total, block = 0.0, 1 << 16
    k = int(labels.max()) + 1
    sums = np.zeros((k, points.shape[1]))
    for i in range(0, len(points), block):
        x, of = points[i:i + block].astype(float), labels[i:i + block]
        total += (x * x).sum()
        sums += sparse.csr_matrix((np.ones(len(x)), (of, np.arange(len(x)))), (k, len(x))) @ x
    sizes = np.maximum(np.bincount(labels, minlength=k), 1)
    return total - ((sums * sums).sum(axis=1) / sizes).sum()


def mean(values):
    return sum(values) / len(values)


def geometric(values):
    return float(np.exp(np.log(values).mean()))


program, method = sys.argv[1:3]
ns, ds, ks = ([int(x) for x in text.split(",")] for text in sys.argv[3:6])
seeds = int(sys.argv[6]) if len(sys.argv) > 6 else 5
iterations = int(sys.argv[7]) if len(sys.argv) > 7 else 100
algorithms = sys.argv[8].split(",") if len(sys.argv) > 8 else ["lloyd", "elkan"]
assert method in ("kmeans", "minibatch")
times, inertias = [], []


def theirs(k, seed, algorithm):
    if method == "minibatch":
        model = cluster.MiniBatchKMeans(k, n_init=1, random_state=seed, max_iter=iterations)
    else:
        model = cluster.KMeans(k, n_init=1, random_state=seed, max_iter=iterations, algorithm=algorithm)
    start = time.process_time()
    model.fit(points)
    return time.process_time() - start, inertia(points, model.labels_)


def ours(k, seed, file, written):
    command = [program, method, file, n, d, k, 1, 0, written, seed, iterations, 3 if n <= 100000 else 2]
    output = subprocess.run([str(x) for x in command], check=True, capture_output=True, text=True).stdout
    return float(output.split()[0]), inertia(points, np.fromfile(written, np.uint32).astype(np.int64))


print("%s, %d seeds, at most %d iterations" % (method, seeds, iterations))
print("%9s %4s %4s %10s %13s %-6s %7s %9s" % ("n", "d", "k", "seconds", "scikit-learn", "", "ratio", "inertia"))
with tempfile.TemporaryDirectory() as folder:
    file, written = folder + "/points", folder + "/labels"
    for n in ns:
        for d in ds:
            points = states(n, d // 16)
            points.tofile(file)
            for k in ks:
                a, b, algorithm = [], [], algorithms[0]
                for seed in range(1, seeds + 1):
                    a.append(ours(k, seed, file, written))
                    b.append(theirs(k, seed, algorithm))
                    for name in algorithms[1:] if seed == 1 and method == "kmeans" else ():
                        other = theirs(k, seed, name)
                        if other[0] < b[0][0]:
                            b[0], algorithm = other, name
                times.append(mean([t for t, _ in b]) / mean([t for t, _ in a]))
                inertias.append(mean([i for _, i in a]) / mean([i for _, i in b]))
                print("%9d %4d %4d %10.4f %13.4f %-6s %7.2f %9.5f"
                      % (n, d, k, mean([t for t, _ in a]), mean([t for t, _ in b]),
                         algorithm if method == "kmeans" else "", times[-1], inertias[-1]), flush=True)
print("%d cells: ratio of time %.2f in the geometric mean, %.2f at least; of inertia %.5f in the geometric mean, %.5f at most"
      % (len(times), geometric(times), min(times), geometric(inertias), max(inertias)))
