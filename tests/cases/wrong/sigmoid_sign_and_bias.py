# exercise: sigmoid
# The slope of tanh for that of the sigmoid, the error taken the wrong way round, and a bias that gets its own value.

import math

x = 1.5
w = 1.2
b = -0.5
t = 0.1

z = w * x + b
s = 1 / (1 + math.exp(-z))
e = s - t
loss = e * e

de = 2 * (t - s)  #> de wrong, first
ds = de  #> ds carried by de
ds_dz = 1 - s**2  #> ds_dz wrong
dz = ds * ds_dz  #> dz carried by ds_dz
dw = dz * x  #> dw carried by ds_dz
db = dz * b  #> db wrong
dx = dz * w  #> dx carried by ds_dz
