# exercise: retold-line
# 1/n for 2/n.
# After gh:Open-Deep-ML/DML-OpenProblem#54.

import numpy as np

rng = np.random.default_rng(13)
n = 6
x = rng.normal(size=(n, 2))
y = rng.normal(size=n)
w = rng.normal(size=2)
b = 0.3

p = x @ w + b
r = p - y
loss = (r**2).sum() / n

dr = 1 / n * r  #> dr wrong, first; code factor-two
dw = x.T @ dr  #> dw carried
db = dr.sum()  #> db carried
