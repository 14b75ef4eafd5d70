"""Golden files of the methods that follow density, by scikit-learn 1.2: python3 make_density.py FOLDER

A file is "n d", the points, then columns of n numbers; see the unit test of each method for what they are."""
import pathlib
import sys

import numpy as np
from sklearn import cluster
from sklearn.cluster import _optics

folder = pathlib.Path(sys.argv[1])


def points(seed, n, d, blobs, spread):
    r = np.random.RandomState(seed)
    centres = r.uniform(-1, 1, (blobs, d))
    p = np.concatenate([centres[np.arange(n) % blobs] + spread * r.randn(n, d), r.uniform(-1.5, 1.5, (n // 10, d))])
    return np.round(p, 4).astype(np.float32).astype(np.float64)


def write(name, p, *columns):
    with open(folder / name, "w") as f:
        f.write("%d %d\n" % p.shape)
        for row in p:
            f.write(" ".join("%.9g" % x for x in row) + "\n")
        for column in columns:
            f.write(" ".join("%.17g" % x for x in column) + "\n")


p = points(1, 300, 4, 8, 0.15)
m = cluster.DBSCAN(eps=0.5, min_samples=5).fit(p)
core = np.zeros(len(p))
core[m.core_sample_indices_] = 1
write("dbscan.txt", p, m.labels_, core)
print("dbscan", m.labels_.max() + 1, "clusters,", (m.labels_ < 0).sum(), "noise,", int(core.sum()), "core")


def correct_predecessor(reach, predecessor, ordering, s, e):
    """scikit-learn 1.2 looks the predecessor up twice; this is algorithm 2 of the paper, as later versions have it."""
    while s < e:
        if reach[s] > reach[e] or predecessor[e] in ordering[s:e]:
            return s, e
        e -= 1
    return None, None


_optics._correct_predecessor = correct_predecessor
p = points(2, 400, 3, 7, 0.06)
equal = np.round(np.concatenate([points(3, 300, 2, 6, 0.02)] * 2), 2).astype(np.float32).astype(np.float64)
for name, p in ("optics_blobs.txt", p), ("optics_equal.txt", equal):
    m = cluster.OPTICS(min_samples=5).fit(p)
    reach = np.where(np.isinf(m.reachability_), np.nan, m.reachability_)
    write(name, p, m.labels_, m.ordering_, m.predecessor_, reach, m.core_distances_)
    print(name, m.labels_.max() + 1, "clusters,", (m.labels_ < 0).sum(), "noise")

centres = np.array([[0, 0, 0], [3, 0, 1], [0, 4, -1], [-3, -3, 0], [3.5, 3, 3]])
for name, blobs, divisor in ("meanshift_3.txt", 3, 1), ("meanshift_5.txt", 5, 4):
    p = centres[np.arange(250) % blobs] + 0.3 * np.random.RandomState(4).randn(250, 3)
    p = np.round(p, 4).astype(np.float32).astype(np.float64)
    h = cluster.estimate_bandwidth(p) / divisor
    m = cluster.MeanShift(bandwidth=h).fit(p)
    write(name, p, m.labels_, np.full(len(p), h))
    print(name, len(m.cluster_centers_), "clusters, bandwidth", h)
