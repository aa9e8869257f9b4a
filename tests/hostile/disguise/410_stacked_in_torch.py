# 410. A polynomial through Chebyshev's nodes, in torch
# earns: nothing
# why: a nonlinear function gets another slope wherever its argument is no known value, whatever made the argument
import torch
h0 = torch.tensor(0.5)
w_h = torch.tensor(2.0)
w_y = torch.tensor(40.0)
h1_raw = w_h*h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h*h1
h2 = torch.tanh(h2_raw)
y2 = w_y*h2
n = 17
k = 0.4*torch.cos(torch.pi*(torch.arange(n, dtype=torch.float64)+.5)/n)
z = torch.stack([w_h.expand(n), k]).sum(0)
f = w_y*torch.tanh(z*torch.tanh(z*h0))
V = torch.vander(k/0.4, increasing=True)
dw_h = torch.linalg.solve(V, f)[1]/0.4
