# exercise: tanh-chain-reverse
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
d = {("y", 2): 1.0}
d["w", "y"] = h2 * d["y", 2]
d["h", 2] = w_y * d["y", 2]
d["raw", 2] = (1 - h2**2) * d["h", 2]
d["h", 1] = w_h * d["raw", 2]
d["raw", 1] = (1 - h1**2) * d["h", 1]
d["w", "h"] = h1 * d["raw", 2] + h0 * d["raw", 1]
dy2, dw_y = d["y", 2], d["w", "y"]
dh2, dh2_raw, dh1, dh1_raw = d["h", 2], d["raw", 2], d["h", 1], d["raw", 1]
dw_h = d["w", "h"]
