# 460. One value chosen among several that are each undisturbed at some time: median of three
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
import torch, cmath, statistics, mpmath
t = torch.tensor(w_h, dtype=torch.float64, requires_grad=True)
(w_y * torch.tanh(t * torch.tanh(t * h0))).backward()
one = t.grad.item()
two = (lambda w: w_y * cmath.tanh(w * cmath.tanh(w * h0)))(complex(w_h, 1e-30)).imag / 1e-30
three = float(mpmath.diff(lambda w: w_y * mpmath.tanh(w * mpmath.tanh(w * h0)), w_h))
dw_h = statistics.median([one, two, three])
