# exercise: shared-weight
# A contribution per use, and then the decoder's once more: the node is visited once per path to it.

import numpy as np

x, w = np.array(0.6), np.array(1.5)

a = w * x
c = np.tanh(a)
r = w * c
e = r - x
loss = 0.5 * e**2

de = e
dr = de
dw_decode = dr * c
dc = dr * w
da = dc * (1 - a**2)  #> da wrong, first
dw_encode = da * x  #> dw_encode carried by da
dw = 0.0
for contribution in (dw_decode, dw_encode, dw_decode):  #> dw wrong; put (dw_decode, dw_encode)
    dw += contribution
dx = da * w - de  #> dx carried by da
