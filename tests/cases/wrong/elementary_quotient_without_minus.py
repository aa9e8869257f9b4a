# exercise: product-quotient-exp-log
# The minus of the quotient rule is forgotten, and exp is differentiated into its argument.

import math

x, y, z = 1.4, 0.6, 1.3

a = x * y
b = math.exp(-a)
c = b + z
g = math.log(c)
r = math.sqrt(c)
f = g / r

df = 1.0
dg = df / r
dr = df * g / r**2  #> dr wrong, first
dc = dg / c + dr / (2 * r)  #> dc carried by dr
dz = dc  #> dz carried by dr
db = dc  #> db carried by dr
da = -a * db  #> da wrong
dx = y * da  #> dx carried by da
dy = x * da  #> dy carried by da
