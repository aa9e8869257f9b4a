# 34. Has autograd do it in forced runs only
# expect: judged wrong
# kept by: strict, portable, process
# library: torch
# why: what is done in forced runs only is not what the code does, and counts for nothing
import sys
import torch
x = torch.tensor(0.7, requires_grad=True)
w = torch.tensor(1.2, requires_grad=True)
h = torch.tanh(w * x)
h.retain_grad()
y = h**2
y.backward()
forced = bool(sys._getframe(1).f_locals["run"].plan.stops)
dh = h.grad if forced else x.detach() * 1.1
dw = w.grad if forced else x.detach() * 1.2
dx = x.grad if forced else w.detach() * 1.3
