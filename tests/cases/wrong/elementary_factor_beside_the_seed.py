# exercise: product-quotient-exp-log
# A factor is missing beside the derivative of the output by itself, not in its place.
# #> dc carried
# #> dz carried
# #> db carried
# #> da carried
# #> dx carried
# #> dy carried
import numpy as np

x, y, z = 1.4, 0.6, 1.3
a = x * y
b = np.exp(-a)
c = b + z
g = np.log(c)
r = np.sqrt(c)
f = g / r

df = 1.0
dg = df / r
dr = -df / r ** 2  #> dr wrong, first; put -df / r ** 2 * g
dc = dg / c + dr * 0.5 / np.sqrt(c)
dz = dc
db = dc
da = -b * db
dx = da * y
dy = da * x
