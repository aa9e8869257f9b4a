import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
ex = math.exp
p = pow
tol = 1e-7
def dtanh(x):
    a, b = ex(x), p(math.e, -x)
    return 4 / p(a + b, 2)
dy2 = 1.0
dw_y = h2
dh2 = w_y
dh2_raw = dh2 * dtanh(h2_raw)
dh1 = dh2_raw * w_h
dh1_raw = dh1 * dtanh(h1_raw)
dw_h = dh1_raw * h0 + dh2_raw * h1
assert abs(dtanh(h1_raw) - (1 - h1**2)) < tol
