import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
def slope(f, x, e=1e-6): return (f(x + e) - f(x - e)) / (2 * e)
dy2 = 1.0
dw_y = h2 * dy2
assert abs(slope(lambda v: v * h2, w_y) - dw_y) < 1e-5
dh2 = w_y * dy2
assert abs(slope(lambda v: w_y * v, h2) - dh2) < 1e-5
dh2_raw = (1 - h2**2) * dh2
assert abs(slope(lambda v: w_y * math.tanh(v), h2_raw) - dh2_raw) < 1e-5
dh1 = w_h * dh2_raw
assert abs(slope(lambda v: w_y * math.tanh(w_h * v), h1) - dh1) < 1e-5
dh1_raw = (1 - h1**2) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
assert abs(slope(lambda v: w_y * math.tanh(v * math.tanh(v * h0)), w_h) - dw_h) < 1e-4
