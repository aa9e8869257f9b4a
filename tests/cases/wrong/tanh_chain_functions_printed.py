# exercise: tanh-chain-reverse
import math
h0, w_h, w_y = 0.5, 2.0, 40.0
h1_raw = w_h * h0; h1 = math.tanh(h1_raw); h2_raw = w_h * h1; h2 = math.tanh(h2_raw); y2 = w_y * h2
def dy2():
    """The seed."""
    return 1
def dw_y(): return h2 * dy2()
def dh2(): return w_y * dy2()
def dh2_raw(): return (1 - h2_raw**2) * dh2()  #> dh2_raw wrong, first
def dh1(): return w_h * dh2_raw()
def dh1_raw(): return (1 - h1**2) * dh1()
def dw_h(): return h1 * dh2_raw() + h0 * dh1_raw()
for fn in (dy2, dw_y, dh2, dh2_raw, dh1, dh1_raw, dw_h):
    print(fn.__name__, fn())
# #> dh1 carried
# #> dh1_raw carried
# #> dw_h carried
