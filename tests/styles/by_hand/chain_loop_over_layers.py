# exercise: tanh-chain-reverse
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0

h1_raw = w_h * h0
h1 = tanh(h1_raw)
h2_raw = w_h * h1
h2 = tanh(h2_raw)
y2 = w_y * h2

value = {"h0": h0, "h1": h1, "h2": h2}
grads = {"dy2": 1.0}
grads["dw_y"] = h2
grads["dh2"] = w_y
grads["dw_h"] = 0.0
for t in (2, 1):
    raw = (1 - value[f"h{t}"] ** 2) * grads[f"dh{t}"]
    grads[f"dh{t}_raw"] = raw
    grads["dw_h"] += raw * value[f"h{t - 1}"]
    if t > 1:
        grads[f"dh{t - 1}"] = raw * w_h
