# exercise: retold-unit
# The error is handed on as if there were no activation.
# After gh:jiexunsee/Neural-Network-with-Python#1.

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
dz = ds  #> dz wrong, first; code activation-derivative-missing
dw = x * dz  #> dw carried
db = dz  #> db carried
dx = w * dz  #> dx carried
