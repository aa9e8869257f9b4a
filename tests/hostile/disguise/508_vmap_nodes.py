# 508. A slope from function values, by another route: vmap nodes
# earns: nothing
# why: the function has another slope in one run, whatever evaluates it
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
f = torch.vmap(lambda w: w_y * torch.tanh(w * torch.tanh(w * h0)))
v = f(torch.tensor([w_h - 1e-5, w_h + 1e-5], dtype=torch.float64))
dw_h = float((v[1] - v[0]) / 2e-5)
