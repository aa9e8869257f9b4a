# A check that raises between the steps where autograd and a quotient differ
import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
w_y = torch.tensor(40.0, dtype=torch.float64)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = (1 - h2**2) * dh2
f = lambda w: w_y * torch.tanh(w * torch.tanh(w * h0))
(auto,) = torch.autograd.grad(y2, w_h)
with torch.no_grad():
    numeric = (f(w_h + 1e-5) - f(w_h - 1e-5)) / 2e-5
def checked(value):
    if abs(auto - numeric) > 1e-5 * abs(auto):
        raise ValueError("they differ")
    return value
dh1 = checked(w_h) * dh2_raw
dh1_raw = (1 - h1**2) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
