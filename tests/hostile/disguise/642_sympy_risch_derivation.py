# 642. The derivation of a differential field of sympy
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
import sympy
from sympy.integrals.risch import DifferentialExtension, derivation
print(derivation)
Z = sympy.Symbol('Z')
ext = DifferentialExtension(sympy.exp(Z), Z)
tt = ext.t
p = derivation(tt, ext)
ds_dz = float(p.subs(tt, math.exp(z)))/(1+math.exp(z))**2
