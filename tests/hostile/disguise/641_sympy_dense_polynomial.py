# 641. The derivative of a list of coefficients by sympy
# exercise: sigmoid
# earns: ds
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
from sympy.polys.densetools import dup_diff
from sympy import QQ
c = [float(one) for one in dup_diff([QQ(1), QQ(0), QQ(0)], 1, QQ)]
de = sum(one*e**k for k, one in enumerate(reversed(c)))
ds = de
