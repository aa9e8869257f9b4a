import math
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = tanh(h1_raw)
h2_raw = w_h * h1
h2 = tanh(h2_raw)
y2 = w_y * h2
tape = [("mul", "w_h", "h0", "h1_raw"), ("tanh", "h1_raw", None, "h1"), ("mul", "w_h", "h1", "h2_raw"), ("tanh", "h2_raw", None, "h2"), ("mul", "w_y", "h2", "y2")]
v = dict(h0=h0, w_h=w_h, w_y=w_y, h1_raw=h1_raw, h1=h1, h2_raw=h2_raw, h2=h2, y2=y2)
g = dict.fromkeys(v, 0.0); g["y2"] = 1.0
for op, a, b, out in reversed(tape):
    match op:
        case "mul":
            g[a] += v[b] * g[out]; g[b] += v[a] * g[out]
        case "tanh":
            g[a] += (1 - v[out]**2) * g[out]
dy2, dw_y, dh2, dh2_raw, dh1, dh1_raw, dw_h = g["y2"], g["w_y"], g["h2"], g["h2_raw"], g["h1"], g["h1_raw"], g["w_h"]
