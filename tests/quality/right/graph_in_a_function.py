# exercise: retold-graph
# All in one function that gives a tuple back.
import math


def gradients(a, b, k):
    c = a * b
    q = c + a
    r = math.exp(q)
    u = k * r
    t = c * u
    L = math.log(t)
    dt = 1 / t
    du = dt * c
    dr, dk = du * k, du * r
    dq = dr * r
    dc = dt * u + dq
    da, db = dc * b + dq, dc * a
    return L, dt, du, dr, dq, dc, da, db, dk


a, b, k = 0.8, 1.4, 0.6
L, dt, du, dr, dq, dc, da, db, dk = gradients(a, b, k)
