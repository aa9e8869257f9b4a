# exercise: shared-weight
import math, functools
x, w = 0.6, 1.5
@functools.lru_cache(maxsize=None)
def node(name):
    return {"a": lambda: w * x, "c": lambda: math.tanh(node("a")), "r": lambda: w * node("c"), "e": lambda: node("r") - x, "loss": lambda: node("e") ** 2 / 2}[name]()
@functools.cache
def grad(name):
    if name == "e": return node("e")
    if name == "r": return grad("e")
    if name == "dec": return grad("r") * node("c")
    if name == "c": return grad("r") * w
    if name == "a": return grad("c") * (1 - node("c") ** 2)
    if name == "enc": return grad("a") * x
    if name == "w": return grad("dec") + grad("enc")
    if name == "x": return grad("a") * w - grad("e")
a, c, r, e, loss = map(node, ["a", "c", "r", "e", "loss"])
de, dr, dw_decode, dc, da, dw_encode, dw, dx = map(grad, ["e", "r", "dec", "c", "a", "enc", "w", "x"])
