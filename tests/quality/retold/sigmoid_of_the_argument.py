# exercise: retold-unit
# x * (1 - x) belongs to the output of the sigmoid.
# After gh:BoltzmannEntropy/interviews.ai#15.

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
dz = z * (1 - z) * ds  #> dz wrong, first; code sigmoid-derivative-on-pre-activation
dw = x * dz  #> dw carried
db = dz  #> db carried
dx = w * dz  #> dx carried
