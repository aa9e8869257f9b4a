# exercise: product-quotient-exp-log
import sympy as sp
import math
X, Y, Z = sp.symbols("x y z", positive=True)
C = sp.exp(-X * Y) + Z
F = sp.log(C) / sp.sqrt(C)
x, y, z = 1.4, 0.6, 1.3
a = x * y; b = math.exp(-a); c = b + z; g = math.log(c); r = math.sqrt(c); f = g / r
df = 1
dg = 1 / r
dr = -g / c
dc = 1 / (c * r) - g / (2 * c * r)
dz, db = dc, dc
da = -b * dc
dx, dy = y * da, x * da
at = {X: x, Y: y, Z: z}
for name, mine, symbol in (("dx", dx, X), ("dy", dy, Y), ("dz", dz, Z)):
    theirs = float(sp.diff(F, symbol).subs(at))
    print(f"{name:4s}{mine:12.6f}{theirs:12.6f}{'  ok' if abs(mine - theirs) < 1e-9 else '  !!'}")
