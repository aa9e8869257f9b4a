# exercise: retold-graph
# Both uses of a in one line.
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

dt = t**-1
du = c * dt
dr = k * du
dq = r * dr
dc = u * dt + dq
da = dc * b + dq * 1.0
db = a * dc
dk = r * du
