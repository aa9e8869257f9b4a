# exercise: retold-graph
import math

a, b, k = 0.8, 1.4, 0.6


def forward(a, b, k):
    c = a * b
    q = c + a
    r = math.exp(q)
    u = k * r
    t = c * u
    L = math.log(t)
    return {"a": a, "b": b, "k": k, "c": c, "q": q, "r": r, "u": u, "t": t, "L": L}


def backward(v):
    g = {}
    g["dt"] = 1 / v["t"]
    g["du"] = v["c"] * g["dt"]
    g["dr"] = v["k"] * g["du"]
    g["dq"] = v["r"] * g["dr"]
    g["dc"] = v["u"] * g["dt"] + g["dq"]
    g["da"] = v["b"] * g["dc"] + g["dq"]
    g["db"] = v["a"] * g["dc"]
    g["dk"] = v["r"] * g["du"]
    return g


values = forward(a, b, k)
grads = backward(values)
