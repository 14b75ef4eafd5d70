"""Golden file of ward and average, by scikit-learn 1.2: python3 make_hierarchy.py FOLDER

"n d", the points, then labels: ward with 6 and 25 clusters, average with 6 and 25."""
import pathlib
import sys

import numpy as np
from sklearn import cluster

r = np.random.RandomState(1)
centres = r.uniform(-1, 1, (8, 4))
p = np.concatenate([centres[np.arange(240) % 8] + 0.3 * r.randn(240, 4), r.uniform(-1.5, 1.5, (40, 4))])
p = np.concatenate([p, p[:20]])  # some points twice
p = np.round(p, 4).astype(np.float32).astype(np.float64)
with open(pathlib.Path(sys.argv[1]) / "hierarchy.txt", "w") as f:
    f.write("%d %d\n" % p.shape)
    for row in p:
        f.write(" ".join("%.9g" % x for x in row) + "\n")
    for linkage in "ward", "average":
        for k in 6, 25:
            labels = cluster.AgglomerativeClustering(n_clusters=k, linkage=linkage).fit(p).labels_
            f.write(" ".join("%d" % x for x in labels) + "\n")
            print(linkage, k, np.bincount(labels))
