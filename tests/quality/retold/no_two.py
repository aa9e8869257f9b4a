# exercise: retold-unit
# The 2 of the square is lost.
# After gh:Open-Deep-ML/DML-OpenProblem#54.

import math

x, w, b, v, y = 0.7, -1.3, 0.4, 1.6, 0.9

z = w * x + b
s = 1 / (1 + math.exp(-z))
p = v * s
e = p - y
loss = e**2

de = e  #> de wrong, first; code power-rule-factor-missing
dp = de  #> dp carried
dv = s * dp  #> dv carried
ds = v * dp  #> ds carried
dz = s * (1 - s) * ds  #> dz carried
dw = x * dz  #> dw carried
db = dz  #> db carried
dx = w * dz  #> dx carried
