# exercise: retold-graph
# = where += was meant: the second use forgets the first.
# After micrograd, the lecture's second half.

import math

a = 0.8
b = 1.4
k = 0.6

c = a * b
q = c + a
r = math.exp(q)
u = k * r
t = c * u
L = math.log(t)

da = db = dc = dk = 0.0
dt = 1 / t
du = c * dt
dc += u * dt
dk += r * du
dr = k * du
dq = r * dr
dc = dq  #> dc wrong, first; code contribution-overwritten
da += dq
da += b * dc  #> da carried
db += a * dc  #> db carried
