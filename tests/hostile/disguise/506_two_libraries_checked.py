# 506. One value chosen among several that are each undisturbed at some time: two libraries checked
# earns: nothing
# why: all sources are disturbed at once as well
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import torch, sympy
t = torch.tensor(w_h, dtype=torch.float64, requires_grad=True)
(w_y * torch.tanh(t * torch.tanh(t * h0))).backward()
s, u = sympy.Symbol('s'), torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
(u * u).backward()
two = float(sympy.diff(w_y * sympy.tanh(s * sympy.tanh(s * h0)), s).subs(s, w_h))
dw_h = t.grad.item() if u.grad == 6 else two
