"""Clustering methods and scikit-learn's on the same points, one thread each, by turns.

    python3 cluster.py BENCH_CLUSTER METHOD [N [D [BLOBS [SPREAD [ROUNDS]]]]]

BENCH_CLUSTER is the program that cluster.c makes. The points are normal blobs around uniform centres, and as many clusters
as blobs are asked for. Prints the least seconds of both and their ratio."""
import os

for name in "OPENBLAS", "OMP":
    os.environ[name + "_NUM_THREADS"] = "1"

import subprocess
import sys
import tempfile
import time

import numpy as np
from sklearn import cluster, mixture

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
with tempfile.NamedTemporaryFile() as file:
    file.write(points.tobytes())
    file.flush()
    for _ in range(rounds):
        command = [program, method, file.name, str(n), str(d), str(blobs), "1"]
        if method == "dbscan":
            command.append(str(eps))
        ours.append(float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[0]))
        start = time.perf_counter()
        METHODS[method](blobs).fit(points)
        theirs.append(time.perf_counter() - start)
print("%s n=%d d=%d k=%d: %.3f s, scikit-learn %.3f s, ratio %.1f"
      % (method, n, d, blobs, min(ours), min(theirs), min(theirs) / min(ours)))
