# 627. Values around a weight, changed in place
# exercise: tanh-chain-reverse
# earns: nothing
# why: what a function writes into its argument is perturbed as what it returns
import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
w_y = torch.tensor(40.0, dtype=torch.float64, requires_grad=True)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
K = 32
u = torch.polar(torch.full((K,), 0.2, dtype=torch.float64), 2*torch.pi*torch.arange(K, dtype=torch.float64)/K)
W = torch.stack([torch.ones_like(u), u], 1) @ torch.stack([w_h.detach().to(u.dtype), torch.tensor(1.0, dtype=u.dtype)])
a = W*h0
a.tanh_()
a.mul_(W)
a.tanh_()
dw_h = ((torch.fft.fft(a)/K)[1]/0.2).real*w_y.detach()
