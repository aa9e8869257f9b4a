"""A comparison with the formula that torch has in Python."""
import torch
from torch._decomp.decompositions import tanh_backward

h0 = torch.tensor(0.5)
w_h = torch.tensor(2.0)
w_y = torch.tensor(40.0)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
dy2 = 1.0
dw_y = dy2 * h2
dh2 = dy2 * w_y
dh2_raw = dh2 * (1 - h2**2)
dh1 = dh2_raw * w_h
dh1_raw = dh1 * (1 - h1**2)
dw_h = dh2_raw * h1 + dh1_raw * h0
print(torch.allclose(dh2_raw, tanh_backward(dh2, h2)), torch.allclose(dh1_raw, tanh_backward(dh1, h1)))
