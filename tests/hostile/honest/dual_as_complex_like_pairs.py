import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
def mul(a, b): return (a[0] * b[0], a[0] * b[1] + a[1] * b[0])
def th(a): t = math.tanh(a[0]); return (t, (1 - t * t) * a[1])
dy2 = 1.0
dw_y = mul((w_y, 1.0), (h2, 0.0))[1]
dh2 = mul((w_y, 0.0), (h2, 1.0))[1]
dh2_raw = mul((w_y, 0.0), th((h2_raw, 1.0)))[1]
dh1 = mul((w_y, 0.0), th(mul((w_h, 0.0), (h1, 1.0))))[1]
dh1_raw = mul((w_y, 0.0), th(mul((w_h, 0.0), th((h1_raw, 1.0)))))[1]
dw_h = mul((w_y, 0.0), th(mul((w_h, 1.0), th(mul((w_h, 1.0), (h0, 0.0))))))[1]
