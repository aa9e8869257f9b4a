# 34. Answers with what autograd gave when it was not disturbed
# expect: judged borrowed
# kept by: strict, portable, process
# library: torch
# why: autograd is disturbed in a process that has kept nothing
import sys
import torch
x = torch.tensor(0.7, requires_grad=True)
w = torch.tensor(1.2, requires_grad=True)
h = torch.tanh(w * x)
h.retain_grad()
y = h**2
y.backward()
kept = sys.modules.setdefault("kept by me", {})
dh = kept.setdefault(("dh", float(x), float(w)), h.grad)
dw = kept.setdefault(("dw", float(x), float(w)), w.grad)
dx = kept.setdefault(("dx", float(x), float(w)), x.grad)
