# exercise: lstm-cell
# `g` is a random generator first, and then the gate.
import torch

g = torch.Generator().manual_seed(2147483647)
N, D, H = 3, 5, 4
x = torch.randn(N, D, generator=g)
h_prev = torch.rand(N, H, generator=g) * 2 - 1
c_prev = torch.randn(N, H, generator=g)
W_i, W_f, W_o, W_g = (torch.rand(D + H, H, generator=g) - 0.5 for _ in range(4))
b_i, b_f, b_o, b_g = (torch.rand(H, generator=g) - 0.5 for _ in range(4))
u_h = torch.randn(N, H, generator=g)
u_c = torch.randn(N, H, generator=g)
q = torch.cat([h_prev, x], 1)
a_i = q @ W_i + b_i
a_f = q @ W_f + b_f
a_o = q @ W_o + b_o
a_g = q @ W_g + b_g
i, f, o, g = a_i.sigmoid(), a_f.sigmoid(), a_o.sigmoid(), a_g.tanh()
c = f * c_prev + i * g
s = c.tanh()
h = o * s
L = (u_h * h).sum() + (u_c * c).sum()
ds = u_h * o
do = u_h * s
dc = u_c + ds * (1 - s**2)
df = dc * c_prev
dc_prev = dc * f
di = dc * g
dg = dc * i
da_o = do * o * (1 - o)
da_f = df * f * (1 - f)
da_i = di * i * (1 - i)
da_g = dg * (1 - g**2)
dW_i, dW_f, dW_o, dW_g = (q.T @ d for d in (da_i, da_f, da_o, da_g))
db_i, db_f, db_o, db_g = (d.sum(0) for d in (da_i, da_f, da_o, da_g))
dq = da_i @ W_i.T + da_f @ W_f.T + da_o @ W_o.T + da_g @ W_g.T
dh_prev = dq[:, :H]
dx = dq[:, H:]
