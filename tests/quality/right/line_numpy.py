# exercise: retold-line
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

dr = 2 / n * r
dw = x.T @ dr
db = dr.sum()
