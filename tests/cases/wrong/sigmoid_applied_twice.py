# exercise: sigmoid
# A helper that takes the sum is handed the output, so the sigmoid is applied twice.

import math

x, w, b, t = 1.5, 1.2, -0.5, 0.1


def sigmoid(v, derivative=False):
    s = 1 / (1 + math.exp(-v))
    return s * (1 - s) if derivative else s


# %%
z = w * x + b
s = sigmoid(z)
e = s - t
loss = e**2

# %%
de = 2 * e
ds = de
ds_dz = sigmoid(s, derivative=True)  #> ds_dz wrong, first
dz = ds * ds_dz  #> dz carried by ds_dz
dw = dz * x  #> dw carried by ds_dz
db = dz  #> db carried by ds_dz
dx = dz * w  #> dx carried by ds_dz
