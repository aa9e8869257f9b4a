# exercise: retold-line
# The derivation stands in a training loop; the update comes after it.
import numpy as np

rng = np.random.default_rng(13)
n = 6
x = rng.normal(size=(n, 2))
y = rng.normal(size=n)
w = rng.normal(size=2)
b = 0.3
lr = 0.1

for step in range(20):
    p = x @ w + b
    r = p - y
    loss = (r**2).mean()

    dr = 2 * r / n
    dw = dr @ x
    db = dr.sum()
    w = w - lr * dw
    b = b - lr * db
