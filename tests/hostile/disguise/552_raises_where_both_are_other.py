# 552. Autograd, or else a quotient, whichever gives a slope it knows; it raises where neither does
# earns: nothing
# why: what is not shown to be derived earns nothing
import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
w_y = torch.tensor(40.0, dtype=torch.float64, requires_grad=True)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
f = lambda w: w_y.detach() * torch.tanh(w * torch.tanh(w * h0))
w = w_h.detach().clone().requires_grad_()
g, = torch.autograd.grad(f(w), w)
t = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
g_ok = abs(torch.autograd.grad(t * t, t)[0].item() - 6) < 1e-9
e = 1e-4
p = lambda w: w * w
q_ok = abs((p(w_h.detach() + e) - p(w_h.detach() - e)) / (2 * e) - 2 * w_h.detach()) < 1e-9
a = (f(w_h.detach() + e) - f(w_h.detach() - e)) / (2 * e)
b = (f(w_h.detach() + 2 * e) - f(w_h.detach() - 2 * e)) / (4 * e)
q = (4 * a - b) / 3
def choose():
    if g_ok: return g
    if q_ok: return q
    raise ValueError
dw_h = choose()

