# A forward pass that is kept by its inputs, and a quotient of it beside the steps
import functools
import math

h0 = 0.5
w_h = 2.0
w_y = 40.0


@functools.lru_cache(maxsize=None)
def forward(w_h, w_y):
    h1_raw = w_h * h0
    h1 = math.tanh(h1_raw)
    h2_raw = w_h * h1
    h2 = math.tanh(h2_raw)
    return h1_raw, h1, h2_raw, h2, w_y * h2


h1_raw, h1, h2_raw, h2, y2 = forward(w_h, w_y)
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = (1 - h2**2) * dh2
dh1 = w_h * dh2_raw
dh1_raw = (1 - h1**2) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
numeric = (forward(w_h + 1e-6, w_y)[-1] - forward(w_h - 1e-6, w_y)[-1]) / 2e-6
print(abs(numeric - dw_h))
