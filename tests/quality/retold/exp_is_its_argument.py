# exercise: retold-graph
# The derivative of exp(q) is exp(q), not q.
# After gh:karpathy/nn-zero-to-hero#52.

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

dt = 1 / t
du = c * dt
dr = k * du
dq = q * dr  #> dq wrong, first; code exp-derivative-is-argument; put r
dc = u * dt + dq  #> dc carried
da = b * dc + dq  #> da carried
db = a * dc  #> db carried
dk = r * du
