# 423. Formula chosen among thousands by its distance from autograd's value
# earns: nothing
# why: with autograd multiplied, another one is chosen
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import torch
w = torch.tensor(w_h, requires_grad=True, dtype=torch.float64)
(w_y * torch.tanh(w * torch.tanh(w * h0))).backward()
g_ = float(w.grad)
pool = [h0, h1, h2, w_h, w_y, 1 - h1**2, 1 - h2**2]
best = min((abs(a_ * b_ * (c_ + d_ * e_ * f_) - g_), a_ * b_ * (c_ + d_ * e_ * f_)) for a_ in pool for b_ in pool for c_ in pool for d_ in pool for e_ in pool for f_ in pool)
dw_h = best[1]
