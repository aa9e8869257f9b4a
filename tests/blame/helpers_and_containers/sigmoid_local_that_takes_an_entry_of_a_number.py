# exercise: sigmoid
import math
x, w, b, t = 1.5, 1.2, -0.5, 0.1
z = w * x + b
s = 1 / (1 + math.exp(-z))
e = s - t
loss = e ** 2
de = 2 * e
ds = de
one_minus = 1 - s[0]  #> guilty
ds_dz = s * one_minus
dz = ds * ds_dz
up = dz
dw = up * x
db = up
dx = up * w
