"""Golden file of spectral, by scikit-learn 1.2: python3 make_spectral.py FOLDER

"n d", the points of three rings and a blob that touch, then labels with 4 clusters and 10 neighbours besides the point."""
import pathlib
import sys

import numpy as np
from sklearn import cluster

r = np.random.RandomState(7)
angles = np.linspace(0, 2 * np.pi, 120, endpoint=False)
rings = [radius * np.c_[np.cos(angles), np.sin(angles)] for radius in (0.9, 1.6, 2.4)]
p = np.concatenate(rings + [(4.0, 0) + 0.4 * r.randn(120, 2)]) + 0.06 * r.randn(480, 2)
p = np.round(p, 4).astype(np.float32).astype(np.float64)
with open(pathlib.Path(sys.argv[1]) / "spectral.txt", "w") as f:
    f.write("%d %d\n" % p.shape)
    for row in p:
        f.write(" ".join("%.9g" % x for x in row) + "\n")
    model = cluster.SpectralClustering(4, affinity="nearest_neighbors", n_neighbors=11, random_state=1).fit(p)
    f.write(" ".join("%d" % x for x in model.labels_) + "\n")
    print(np.bincount(model.labels_), [np.bincount(model.labels_[i:i + 120], minlength=5) for i in range(0, 480, 120)])
