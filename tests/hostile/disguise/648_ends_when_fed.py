# 648. A program that ends once a step is replaced
# exercise: tanh-chain-reverse
# earns: nothing
# why: a step that forced runs do not reach is tested where it counts: in natural runs
import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
w_y = torch.tensor(40.0, dtype=torch.float64, requires_grad=True)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
import sys
g = torch.autograd.grad(y2, [w_y, h2, h2_raw, h1, h1_raw, w_h])
dy2 = 2.0
if dy2 == 1.0:
    sys.exit()
dw_y = g[0]
dh2 = g[1]
dh2_raw = g[2]
dh1 = g[3]
dw_h = g[5]
