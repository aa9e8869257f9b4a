# 623. Values around a weight, by a traced module
# exercise: tanh-chain
# earns: nothing
# why: what is called may be any function, whatever object it is
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
A = torch.stack([torch.ones_like(u), u], 1)
W = A @ torch.stack([w_h.detach().to(u.dtype), torch.tensor(1.0, dtype=u.dtype)])
fn = torch.fx.symbolic_trace(torch.nn.Sequential(torch.nn.Tanh()))
a1 = fn(W*h0)
F = w_y.detach()*fn(W*a1)
c = torch.fft.fft(F)/K
dw_h = (c[1]/0.2).real
dy2_dwh = dw_h
