# exercise: retold-graph
# 1 / log(t) for 1 / t.
# After a public micrograd exercise.

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

dt = 1 / L  #> dt wrong, first; code log-derivative-on-output; put t
du = c * dt  #> du carried
dr = k * du  #> dr carried
dq = r * dr  #> dq carried
dc = u * dt + dq  #> dc carried
da = b * dc + dq  #> da carried
db = a * dc  #> db carried
dk = r * du  #> dk carried
