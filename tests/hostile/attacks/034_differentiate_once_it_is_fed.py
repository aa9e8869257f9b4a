# 34. Has autograd do it once a value it gave is another one by more than a little
# expect: judged borrowed
# kept by: strict, portable, process
# library: torch
# why: what can only be carried is asked where it comes from with the truth fed in
import torch
x = torch.tensor(0.7, requires_grad=True)
w = torch.tensor(1.2, requires_grad=True)
h = torch.tanh(w * x)
y = h**2
y.backward()
t = x.detach() * 1.1 + w.detach() * 0.3
dh = t
fed = bool(abs(dh - (x.detach() * 1.1 + w.detach() * 0.3)) > 0.01)
dw = w.grad if fed else t * 1.3
dx = x.grad if fed else t * 1.4
