# exercise: product-quotient-exp-log
# c is read twice; the second contribution takes the place of the first.

import numpy as np

x = np.float64(1.4)
y = np.float64(0.6)
z = np.float64(1.3)

# %% forward
a = x * y
b = np.exp(-a)
c = b + z
g = np.log(c)
r = np.sqrt(c)
f = g / r

# %% backward
df = 1.0
dg = df / r
dr = df * -g / r**2
dc = dg / c
dc = dr / (2 * r)  #> dc wrong, first
dz = dc  #> dz carried by dc
db = dc  #> db carried by dc
da = db * -np.exp(-a)  #> da carried by dc
dx = da * y  #> dx carried by dc
dy = da * x  #> dy carried by dc
