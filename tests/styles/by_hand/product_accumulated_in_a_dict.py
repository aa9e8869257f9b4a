# exercise: product-quotient-exp-log
import math
from collections import defaultdict

x, y, z = 1.4, 0.6, 1.3
a = x * y
b = math.exp(-a)
c = b + z
g = math.log(c)
r = math.sqrt(c)
f = g / r

grad = defaultdict(float)
grad["f"] += 1
grad["g"] += grad["f"] / r
grad["r"] -= grad["f"] * g / r**2
grad["c"] += grad["g"] / c
grad["c"] += grad["r"] * 0.5 / r
for part in "bz":
    grad[part] += grad["c"]
grad["a"] -= grad["b"] * b
grad["x"] += grad["a"] * y
grad["y"] += grad["a"] * x
print({"d" + k: round(v, 4) for k, v in grad.items()})
