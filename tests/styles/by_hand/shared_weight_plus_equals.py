# exercise: shared-weight
import numpy as np

x = 0.6
w = 1.5
a = w * x
c = np.tanh(a)
r = w * c
e = r - x
loss = 0.5 * e**2

dw = 0
dx = 0
de = e
dr = de
dx -= de
dw_decode = dr * c
dw += dw_decode
dc = dr * w
da = dc * (1 - c**2)
dw_encode = da * x
dw += dw_encode
dx += da * w
print(dw, dx)
