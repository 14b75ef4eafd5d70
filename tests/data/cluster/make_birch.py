"""Golden file of birch, by scikit-learn 1.2: python3 make_birch.py FOLDER

"n d", the points, then labels: threshold 0.4 with 7 clusters, and the subclusters themselves, threshold 1."""
import pathlib
import sys

import numpy as np
from sklearn import cluster

r = np.random.RandomState(3)
centres = r.uniform(-3, 3, (7, 4))
p = centres[np.arange(350) % 7] + 0.25 * r.randn(350, 4)
p = np.round(p, 4).astype(np.float32).astype(np.float64)
with open(pathlib.Path(sys.argv[1]) / "birch.txt", "w") as f:
    f.write("%d %d\n" % p.shape)
    for row in p:
        f.write(" ".join("%.9g" % x for x in row) + "\n")
    for threshold, k in (0.4, 7), (1, None):
        model = cluster.Birch(threshold=threshold, n_clusters=k).fit(p)
        f.write(" ".join("%d" % x for x in model.labels_) + "\n")
        print(threshold, len(model.subcluster_centers_), np.bincount(model.labels_))
