# exercise: retold-graph
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
dq = r * dr
dc = u * dt + dq
da = b * dc + dq
db = a * dc
dk = r * du
