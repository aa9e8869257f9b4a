# exercise: tanh-chain-reverse
import math
h0, w_h, w_y = 0.5, 2.0, 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
g = {"y2": 1.0}
for op in [("out", "w_y", "h2"), ("tanh", "h2", "h2_raw"), ("lin", "h2_raw", "h1"), ("tanh", "h1", "h1_raw"), ("lin", "h1_raw", None)]:
    match op:
        case ("out", w, h):
            g[w] = g["y2"] * h2
            g[h] = g["y2"] * w_y
        case ("tanh", out, inp):
            val = {"h1": h1, "h2": h2}[out]
            g[inp] = (1 - val ** 2) * g[out]
        case ("lin", out, None):
            g["w_h"] = g.get("w_h", 0.0) + h0 * g[out]
        case ("lin", out, inp):
            g["w_h"] = g.get("w_h", 0.0) + h1 * g[out]
            g[inp] = w_h * g[out]
dy2, dw_y, dh2, dh2_raw, dh1, dh1_raw, dw_h = (g[k] for k in ("y2", "w_y", "h2", "h2_raw", "h1", "h1_raw", "w_h"))
