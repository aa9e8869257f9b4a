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
def back(h0, w_h, w_y):
    return {
        "dy2": (g := 1.0),
        "dw_y": g * h2,
        "dh2": (g := g * w_y),
        "dh2_raw": (g2 := g * (1 - h2**2)),
        "dh1": (g := g2 * w_h),
        "dh1_raw": (g1 := g * (1 - h1**2)),
        "dw_h": g2 * h1 + g1 * h0,
    }
out = back(h0, w_h, w_y)
globals().update(out)
