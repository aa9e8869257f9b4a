# 459. One value chosen among several that are each undisturbed at some time: median of libraries
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
import torch, sympy, statistics, mpmath
t = torch.tensor(w_h, dtype=torch.float64, requires_grad=True)
(w_y * torch.tanh(t * torch.tanh(t * h0))).backward()
one = t.grad.item()
s = sympy.Symbol('s')
two = float(sympy.diff(w_y * sympy.tanh(s * sympy.tanh(s * h0)), s).subs(s, w_h))
three = two
four = (lambda w: w_y * (w * (w * h0)).real)(w_h)
w = sympy.Symbol('w')
f = sympy.lambdify(w, sympy.series(sympy.tanh(w), w, 0, 3).removeO())
import numpy as np
c = np.polyfit(w_h + np.linspace(-.1, .1, 21), [w_y * math.tanh(x * math.tanh(x * h0)) for x in w_h + np.linspace(-.1, .1, 21)], 12)
three = np.polyval(np.polyder(c), w_h)
dw_h = one if abs(one - two) < 1e-9 * abs(one) else two if abs(two - three) < 1e-4 * abs(two) else one
