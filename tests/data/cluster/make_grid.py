"""Writes grid.txt: points, their cells by scikit-learn's KBinsDiscretizer (5 equal parts), and their principal
coordinates by its PCA (signs so that the largest loading is positive), three axes."""
import numpy as np
from sklearn.decomposition import PCA
from sklearn.preprocessing import KBinsDiscretizer

rng = np.random.default_rng(3)
points = (rng.normal(size=(60, 4)) @ rng.normal(size=(4, 4))).astype(np.float32)
cells = KBinsDiscretizer(5, encode="ordinal", strategy="uniform").fit_transform(points.astype(float))
labels = np.unique(cells, axis=0, return_inverse=True)[1]
pca = PCA(3, svd_solver="full").fit(points.astype(float))
signs = np.sign(pca.components_[range(3), abs(pca.components_).argmax(1)])
projected = pca.transform(points.astype(float)) * signs
with open("grid.txt", "w") as out:
    for row, label, y in zip(points, labels, projected):
        out.write(" ".join(["%.9g" % v for v in row] + [str(label)] + ["%.9g" % v for v in y]) + "\n")
