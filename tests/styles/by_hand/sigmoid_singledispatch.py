# exercise: sigmoid
import math
from dataclasses import dataclass
from functools import singledispatchmethod
@dataclass
class Square: x: float
@dataclass
class Sigm: out: float
@dataclass
class Affine: w: float; x: float
class Back:
    @singledispatchmethod
    def go(self, node, g): raise TypeError
    @go.register
    def _(self, node: Square, g): return 2*node.x*g
    @go.register
    def _(self, node: Sigm, g): return node.out*(1-node.out)*g
    @go.register
    def _(self, node: Affine, g): return node.x*g, g, node.w*g
x, w, b, t = 1.5, 1.2, -0.5, 0.1
z = w*x+b; s = 1/(1+math.exp(-z)); e = s-t; loss = e**2
bk = Back()
de = bk.go(Square(e), 1.0)
ds = de
ds_dz = bk.go(Sigm(s), 1.0)
dz = ds*ds_dz
dw, db, dx = bk.go(Affine(w, x), dz)
