# exercise: product-quotient-exp-log
# The denominator stays unsquared, the half of the root is missing, and each factor of the product gets itself.

from math import exp, log, sqrt

x = 1.4
y = 0.6
z = 1.3

a = x * y
b = exp(-a)
c = b + z
g = log(c)
r = sqrt(c)
f = g / r

df = 1
dg = df * (1 / r)
dr = df * (-g / r)  #> dr wrong, first
dc = dg * (1 / c) + dr * (1 / r)  #> dc wrong
dz = dc  #> dz carried by dc
db = dc  #> db carried by dc
da = db * (-exp(-a))  #> da carried by dc
dx = da * x  #> dx wrong
dy = da * y  #> dy wrong
