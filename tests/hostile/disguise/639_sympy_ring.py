# 639. The derivative of an element of a ring of sympy
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
from sympy import ring, QQ, RR
R, E = ring('E', QQ)
p = E**2
d = p.diff(E)
de = float(d.evaluate(0, 1))*e
ds = float(d.evaluate(0, 1))*(s-t)
