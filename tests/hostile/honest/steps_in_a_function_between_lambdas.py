# %%
import math
from math import tanh
h0 = 0.5
w_h = 1.2
w_y = 2.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2

# %%
act = lambda t: 1 - (u := t) ** 2
# %%
def back():
    dy2 = 1.0
    dw_y = dy2 * h2
    dh2 = dy2 * w_y
    dh2_raw = dh2 * act(h2)
    dh1 = dh2_raw * w_h
    dh1_raw = dh1 * act(h1)
    dw_h = dh2_raw * h1 + dh1_raw * h0
    act(dw_h)
# %%
back()
print("done")
