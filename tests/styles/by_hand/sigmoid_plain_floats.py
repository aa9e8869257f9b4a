# exercise: sigmoid
from math import exp

x, w, b, t = 1.5, 1.2, -0.5, 0.1


def sig(z):
    s = 1 / (1 + exp(-z))
    return s, s * (1 - s)


z = w * x + b
s, ds_dz = sig(z)
e = s - t
loss = e * e
de = 2 * e
ds = de
dz = ds * ds_dz
dw, db, dx = (dz * k for k in (x, 1, w))

for x in (0.0, 1.0, 5.0):
    print(x, sig(x))
