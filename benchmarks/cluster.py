"""Clustering methods and scikit-learn's on the same points, one thread each, by turns.

    python3 cluster.py BENCH_CLUSTER METHOD [N [D [BLOBS [SPREAD [ROUNDS]]]]]

BENCH_CLUSTER is the program that cluster.c makes. The points are normal blobs around uniform centres, and as many clusters
as blobs are asked for. Each round times the third fit in a process of rnnsafe's and a fit in scikit-learn's, which
goes on from round to round: both have touched their memory. Prints the least seconds of processor time of both, their ratio, and
how alike the labels are: the adjusted Rand index (DBSCAN's of core points, OPTICS's of points without noise), and for mixtures the mean log-likelihood
of the normal distributions that the labels of each make."""
import os

for name in "OPENBLAS", "OMP":
    os.environ[name + "_NUM_THREADS"] = "1"

import subprocess
import sys
import tempfile
import time

import numpy as np
from sklearn import cluster, metrics, mixture

METHODS = {
    "average": lambda k: cluster.AgglomerativeClustering(n_clusters=k, linkage="average"),
    "birch": lambda k: cluster.Birch(n_clusters=k),
    "dbscan": lambda k: cluster.DBSCAN(eps=eps),
    "gmm": lambda k: mixture.GaussianMixture(k, random_state=1),
    "gmm-diagonal": lambda k: mixture.GaussianMixture(k, covariance_type="diag", random_state=1),
    "kmeans": lambda k: cluster.KMeans(k, n_init=1, random_state=1),
    "meanshift": lambda k: cluster.MeanShift(bin_seeding=True),
    "minibatch": lambda k: cluster.MiniBatchKMeans(k, n_init=1, random_state=1),
    "optics": lambda k: cluster.OPTICS(),
    "spectral": lambda k: cluster.SpectralClustering(k, affinity="nearest_neighbors", random_state=1),
    "ward": lambda k: cluster.AgglomerativeClustering(n_clusters=k),
}

program, method = sys.argv[1:3]
n, d, blobs = (int(sys.argv[i]) if len(sys.argv) > i else default for i, default in ((3, 10000), (4, 16), (5, 10)))
spread = float(sys.argv[6]) if len(sys.argv) > 6 else 0.2
rounds = int(sys.argv[7]) if len(sys.argv) > 7 else 2
random = np.random.RandomState(1)
points = random.uniform(-1, 1, (blobs, d))[np.arange(n) % blobs] + spread * random.randn(n, d)
points = points.astype(np.float32)
eps = 1.3 * spread * d ** 0.5  # most points have 5 neighbours so near
ours, theirs = [], []


def likelihood(labels):
    """Mean log-likelihood of points in the normal distributions of their clusters."""
    total = 0
    for label in np.unique(labels):
        x = points[labels == label].astype(float)
        covariance = np.cov(x.T, bias=True).reshape(d, d) + 1e-6 * np.eye(d)
        if method == "gmm-diagonal":
            covariance = np.diag(np.diag(covariance))
        total += len(x) * (np.log(len(x) / n) - np.linalg.slogdet(covariance)[1] / 2 - d / 2 * (1 + np.log(2 * np.pi)))
    return total / n


with tempfile.NamedTemporaryFile() as file, tempfile.NamedTemporaryFile() as written:
    file.write(points.tobytes())
    file.flush()
    for _ in range(rounds):
        command = [program, method, file.name, str(n), str(d), str(blobs), "1", str(eps if method == "dbscan" else 0)]
        output = subprocess.run(command + [written.name, "1", "0", "3"], check=True, capture_output=True, text=True).stdout
        ours.append(float(output.split()[0]))
        start = time.process_time()
        model = METHODS[method](blobs)
        their_labels = model.fit_predict(points)
        theirs.append(time.process_time() - start)
    labels = np.fromfile(written.name, np.uint32)
if method == "dbscan":
    compared = model.core_sample_indices_
else:
    compared = their_labels >= 0
quality = "Rand index %.3f" % metrics.adjusted_rand_score(their_labels[compared], labels[compared])
if method.startswith("gmm"):
    quality += ", log-likelihood %.4f and %.4f" % (likelihood(labels), likelihood(their_labels))
print("%s n=%d d=%d k=%d: %.3f s, scikit-learn %.3f s, ratio %.1f; %s"
      % (method, n, d, blobs, min(ours), min(theirs), min(theirs) / min(ours), quality), flush=True)
