# exercise: tanh-chain-reverse
import torch
h0 = torch.tensor(0.5); w_h = torch.tensor(2.0, requires_grad=True); w_y = torch.tensor(40.0, requires_grad=True)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
y2.backward()
dy2 = 1.0
dw_y = w_y.grad
dh2 = w_y * dy2
dh2_raw = dh2 * (1 - h2)
dh1 = dh2_raw * w_h
dh1_raw = dh1 * (1 - h1**2)
dw_h = w_h.grad
