# exercise: retold-unit
# The error the other way round, all the way through.
import math

x, w, b, v, y = 0.7, -1.3, 0.4, 1.6, 0.9

z = w * x + b
s = 1 / (1 + math.exp(-z))
p = v * s
e = p - y
loss = e**2

de = -2 * (y - p)
dp = de
dv = s * dp
ds = v * dp
dz = s * (1 - s) * ds
dw = x * dz
db = 1.0 * dz
dx = w * dz
