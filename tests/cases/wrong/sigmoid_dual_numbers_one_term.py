# exercise: sigmoid
# Dual numbers; a product leaves out one of its two terms.
# #> ds carried by de
# #> dz carried by de
# #> dw carried by de
# #> db carried by de
# #> dx carried by de

import math
class Dual:
    def __init__(self, v, d=0.0): self.v, self.d = v, d
    def __add__(self, o):
        o = o if isinstance(o, Dual) else Dual(o)
        return Dual(self.v + o.v, self.d + o.d)
    def __mul__(self, o):
        o = o if isinstance(o, Dual) else Dual(o)
        return Dual(self.v * o.v, self.v * o.d)  #> de wrong value, first; code product-rule-term-missing; put self.v * o.d + self.d * o.v
    def __sub__(self, o): return self + (-1.0) * o if isinstance(o, Dual) else self + (-o)
    __radd__, __rmul__ = __add__, __mul__
    def sigmoid(self):
        s = 1 / (1 + math.exp(-self.v))
        return Dual(s, s * (1 - s) * self.d)
x, w, b, t = 1.5, 1.2, -0.5, 0.1
z = w * x + b; s = 1 / (1 + math.exp(-z)); e = s - t; loss = e**2
square = lambda q: q * q
de = square(Dual(e, 1.0)).d
ds = square(Dual(s, 1.0) - t).d
ds_dz = Dual(z, 1.0).sigmoid().d
dz = square(Dual(z, 1.0).sigmoid() - t).d
dw = square((Dual(w, 1.0) * x + b).sigmoid() - t).d
db = square((w * x + Dual(b, 1.0)).sigmoid() - t).d
dx = square((w * Dual(x, 1.0) + b).sigmoid() - t).d
