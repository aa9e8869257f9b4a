import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(1.2, dtype=torch.float64, requires_grad=True)
w_y = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
import torch.autograd.forward_ad as fwad
with fwad.dual_level():
    w = fwad.make_dual(w_h.detach(), torch.ones_like(w_h))
    expected = fwad.unpack_dual(w_y.detach() * torch.tanh(w * torch.tanh(w * h0))).tangent.item()
dy2 = 1.0
dw_y = dy2 * h2
dh2 = dy2 * w_y
dh2_raw = dh2 * (1 - h2**2)
dh1 = dh2_raw * w_h
dh1_raw = dh1 * (1 - h1**2)
dw_h = dh2_raw * h1 + dh1_raw * h0
