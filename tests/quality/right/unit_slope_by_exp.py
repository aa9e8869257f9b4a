# exercise: retold-unit
# The derivative of the sigmoid by the quotient rule.
import math

x, w, b, v, y = 0.7, -1.3, 0.4, 1.6, 0.9

z = w * x + b
s = 1 / (1 + math.exp(-z))
p = v * s
e = p - y
loss = e**2

de = 2 * e
dp = de
dv = s * dp
ds = v * dp
dz = math.exp(-z) / (1 + math.exp(-z)) ** 2 * ds
dw = x * dz
db = dz
dx = w * dz
