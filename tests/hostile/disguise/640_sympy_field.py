# 640. The derivative of an element of a field of sympy
# exercise: sigmoid
# earns: nothing
# why: it moves with the derivatives that the library gives
import math
x = 1.5
w = 1.2
b = -0.5
t = 0.1
z = w * x + b
s = 1 / (1 + math.exp(-z))
e = s - t
loss = e**2
from sympy import field, QQ
K, E = field('E', QQ)          # E stands for exp(-z); dE/dz = -E
f = 1/(1 + E)
d = f.diff(E)
v = math.exp(-z)
num = sum(float(c)*v**m[0] for m, c in d.numer.terms())
den = sum(float(c)*v**m[0] for m, c in d.denom.terms())
ds_dz = num/den*(-v)
