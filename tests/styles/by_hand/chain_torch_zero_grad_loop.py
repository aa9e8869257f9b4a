# exercise: tanh-chain-reverse
import torch

h0 = torch.tensor(0.5)
w_h = torch.tensor(2.0, requires_grad=True)
w_y = torch.tensor(40.0, requires_grad=True)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2

with torch.no_grad():
    dy2 = torch.ones(())
    dw_y = h2.clone().mul_(dy2)
    dh2 = w_y.clone().mul_(dy2)
    dh2_raw = torch.ones(()).sub_(h2**2).mul_(dh2)
    dh1 = w_h * dh2_raw
    dh1_raw = torch.ones(()).sub_(h1**2).mul_(dh1)
    dw_h = torch.zeros(())
    dw_h.add_(h1 * dh2_raw)
    dw_h.add_(h0 * dh1_raw)

y2.backward()
print(dw_h, w_h.grad, torch.allclose(dw_h, w_h.grad))
