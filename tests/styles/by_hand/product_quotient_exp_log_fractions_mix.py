# exercise: product-quotient-exp-log
from fractions import Fraction
import math
x, y, z = Fraction(7, 5), Fraction(3, 5), Fraction(13, 10)
half = Fraction(1, 2)
a = x * y
b = math.exp(-a)
c = b + z
g = math.log(c)
r = c ** half
f = g / r
df = 1
dg = 1 / r
dr = -g * r ** -2
dc = dg / c + dr * half * c ** -half
dz = db = dc
da = db * -b
dx, dy = da * y, da * x
