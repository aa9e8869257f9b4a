# 496. A slope from function values, by another route: taylor numeric own series
# earns: nothing
# why: the function has another slope in one run, whatever evaluates it
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import numpy as np
def f(w): return w_y * math.tanh(w * math.tanh(w * h0))
n = np.arange(-4, 5)
c = np.linalg.solve(np.vander(n * 0.01, increasing=True), [f(w_h + 0.01 * k) for k in n])
series = lambda t: sum(ck * t**k for k, ck in enumerate(c))
coeffs = [k * ck for k, ck in enumerate(c)][1:]
dw_h = coeffs[0]
