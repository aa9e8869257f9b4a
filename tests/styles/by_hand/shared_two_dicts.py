# exercise: shared-weight
import math
x, w = 0.6, 1.5
a = w * x; c = math.tanh(a); r = w * c; e = r - x; loss = e**2 / 2
de = e
dr = de
contributions = {"w": [], "x": []}
contributions["x"].append(-de)
contributions["w"].append(dr * c)
dw_decode = contributions["w"][-1]
dc = dr * w
da = dc * (1 - c**2)
contributions["w"].append(da * x)
dw_encode = contributions["w"][-1]
contributions["x"].append(da * w)
dw, dx = (sum(contributions[k]) for k in ("w", "x"))
