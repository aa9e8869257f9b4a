# exercise: sigmoid
# The slope of the sigmoid is written with what goes into it; the 2 of the square is forgotten.

import numpy as np

x = 1.5
w = 1.2
b = -0.5
t = 0.1


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


z = w * x + b
s = sigmoid(z)
e = s - t
loss = e**2

de = e  #> de wrong, first
ds = de  #> ds carried by de
ds_dz = z * (1 - z)  #> ds_dz wrong
dz = ds_dz * ds  #> dz carried by ds_dz
dw = x * dz  #> dw carried by ds_dz
db = dz  #> db carried by ds_dz
dx = w * dz  #> dx carried by ds_dz
