# exercise: sigmoid
import math
x = 1.5
w = 1.2
b = -0.5
t = 0.1
z = w * x + b
s = 1 / (1 + math.exp(-z))
e = s - t
loss = e**2
from sympy import ring, QQ
R, E = ring('E', QQ)
de = 2*e
ds = de
ds_dz = s*(1-s)
dz = ds*ds_dz; dw = dz*x; db = dz; dx = dz*w
print((E**2).diff(E))
import mpmath
print(mpmath.polyval([1,0,0], e, derivative=True)[1] - de)
