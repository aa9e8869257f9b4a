# 645. A text under the name of a step, whose methods are called
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
g = torch.autograd.grad(y2, [w_y, h2, h2_raw, h1, h1_raw, w_h])
dy2 = 'abc'
dw_y = g[0] if dy2.upper() == 'ABC' else None
dy2.upper()
dh2 = (dy2.upper(), g[1])[1]
dh2_raw = (dy2.upper(), g[2])[1]
dh1 = (dy2.upper(), g[3])[1]
dw_h = (dy2.upper(), g[5])[1]
