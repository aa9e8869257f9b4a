import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
def forward(w, v):
    a = math.tanh(w * h0); b = math.tanh(w * a)
    return a, b, v * b
def backward(w, v):
    a, b, y = forward(w, v)
    d2 = v * (1 - b**2)
    d1 = d2 * w
    d1r = d1 * (1 - a**2)
    return 1.0, b, v, d2, d1, d1r, d2 * a + d1r * h0
dy2, dw_y, dh2, dh2_raw, dh1, dh1_raw, dw_h = backward(w_h, w_y)
w = w_h
for i in range(20):
    w -= 1e-3 * backward(w, w_y)[-1]
print(w)
