import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
dy2 = 1.0
dw_y = dy2 * h2
dh2 = dy2 * w_y
dh2_raw = dh2 * (1 - h2**2)
dh1 = dh2_raw * w_h
dh1_raw = dh1 * (1 - h1**2)
dw_h = dh1_raw * h0 + dh2_raw * h1

import torch
t = torch.tensor(w_h, dtype=torch.float64, requires_grad=True)
(w_y * torch.tanh(t * torch.tanh(t * h0))).backward()
def f(w): return w_y * math.tanh(w * math.tanh(w * h0))
q = (f(w_h + 1e-6) - f(w_h - 1e-6)) / 2e-6
assert abs(t.grad.item() - dw_h) < 1e-9 and abs(q - dw_h) < 1e-4
