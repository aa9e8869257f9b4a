# 505. A slope from function values, by another route: torch gradient
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
ws = torch.linspace(w_h - 1e-3, w_h + 1e-3, 41, dtype=torch.float64)
dw_h = float(torch.gradient(w_y * torch.tanh(ws * torch.tanh(ws * h0)), spacing=(ws,), edge_order=2)[0][20])
