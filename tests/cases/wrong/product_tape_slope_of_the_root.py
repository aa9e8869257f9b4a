# exercise: product-quotient-exp-log
import math
class V:
    def __init__(self, data, kids=(), back=lambda g: ()):
        self.data, self.kids, self.back, self.grad = data, kids, back, 0.0
    def __mul__(self, o): return V(self.data * o.data, (self, o), lambda g: (g * o.data, g * self.data))
    def __add__(self, o): return V(self.data + o.data, (self, o), lambda g: (g, g))
    def __neg__(self): return V(-self.data, (self,), lambda g: (-g,))
    def __truediv__(self, o): return V(self.data / o.data, (self, o), lambda g: (g / o.data, -g * self.data / o.data**2))
    def exp(self):
        e = math.exp(self.data)
        return V(e, (self,), lambda g: (g * e,))
    def log(self): return V(math.log(self.data), (self,), lambda g: (g / self.data,))
    def sqrt(self):
        s = math.sqrt(self.data)
        return V(s, (self,), lambda g: (g / s,))
    def backward(self):
        order, seen = [], set()
        def visit(v):
            if id(v) not in seen:
                seen.add(id(v))
                for k in v.kids: visit(k)
                order.append(v)
        visit(self)
        self.grad = 1.0
        for v in reversed(order):
            for k, g in zip(v.kids, v.back(v.grad)):
                k.grad += g
x, y, z = V(1.4), V(0.6), V(1.3)
a = x * y
b = (-a).exp()
c = b + z
g = c.log()
r = c.sqrt()
f = g / r
f.backward()
df, dg, dr, dc, dz, db, da, dx, dy = (v.grad for v in (f, g, r, c, z, b, a, x, y))
# #> dc wrong, first
# #> da carried
# #> db carried
# #> dz carried
# #> dx carried
# #> dy carried
