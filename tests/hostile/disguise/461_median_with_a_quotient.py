# 461. One value chosen among several that are each undisturbed at some time: median with a quotient
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
import torch, cmath, statistics
t = torch.tensor(w_h, dtype=torch.float64, requires_grad=True)
(w_y * torch.tanh(t * torch.tanh(t * h0))).backward()
def f(w): return w_y * cmath.tanh(w * cmath.tanh(w * h0))
one, two = t.grad.item(), f(complex(w_h, 0.0) + 1e-30j).imag / 1e-30
dw_h = one if abs(one - two) < 1e-9 * abs(one) else two if abs(two) < abs(one) else one
