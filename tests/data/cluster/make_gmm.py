"""Golden file of gmm, by scikit-learn 1.2: python3 make_gmm.py FOLDER

"n d", the points, then columns with 4 components: labels with full covariances, log density of the points, and the same
with diagonal ones."""
import pathlib
import sys

import numpy as np
from sklearn import mixture

r = np.random.RandomState(5)
centres = r.uniform(-2, 2, (4, 3))
shapes = r.randn(4, 3, 3) * 0.3
p = np.array([centres[i % 4] + shapes[i % 4] @ r.randn(3) for i in range(400)])
p = np.round(p, 4).astype(np.float32).astype(np.float64)
with open(pathlib.Path(sys.argv[1]) / "gmm.txt", "w") as f:
    f.write("%d %d\n" % p.shape)
    for row in p:
        f.write(" ".join("%.9g" % x for x in row) + "\n")
    for kind in "full", "diag":
        model = mixture.GaussianMixture(4, covariance_type=kind, random_state=1, n_init=5, tol=1e-9, max_iter=2000).fit(p)
        f.write(" ".join("%d" % x for x in model.predict(p)) + "\n")
        f.write(" ".join("%.10g" % x for x in model.score_samples(p)) + "\n")
        print(kind, model.n_iter_, model.lower_bound_, np.bincount(model.predict(p)))
