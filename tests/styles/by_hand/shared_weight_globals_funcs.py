# exercise: shared-weight
import math
x = 0.6
w = 1.5
def forward():
    global a, c, r, e, loss
    a = w * x
    c = math.tanh(a)
    r = w * c
    e = r - x
    loss = 0.5 * e * e
def backward():
    global de, dr, dw_decode, dc, da, dw_encode, dw, dx
    de = e
    dr = de
    dw_decode, dc = dr * c, dr * w
    da = dc * (1 - c * c)
    dw_encode = da * x
    dw = dw_encode + dw_decode
    dx = da * w - de
forward(); backward()
