"""Writes gmeans.txt: samples of 40 values with scipy's Anderson-Darling statistic for normality before them."""
import numpy as np
from scipy.stats import anderson

rng = np.random.default_rng(5)
samples = [rng.normal(size=40), rng.uniform(size=40), rng.exponential(size=40),
           np.where(rng.random(40) < 0.5, -3, 3) + rng.normal(size=40)]
with open("gmeans.txt", "w") as out:
    for sample in samples:
        sample = sample.astype(np.float32)
        statistic = anderson(sample.astype(float), "norm").statistic
        out.write(" ".join("%.9g" % v for v in [statistic, *sample]) + "\n")
