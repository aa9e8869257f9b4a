# 478. A slope from function values, by another route: secant by bisection
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
def g(w): return w_y * math.tanh(w * math.tanh(w * h0))
lo, hi, e = -1e4, 1e4, 1e-5
up, down = g(w_h + e), g(w_h - e)
for _ in range(200):
    m = (lo + hi) / 2
    lo, hi = (m, hi) if down + 2 * e * m < up else (lo, m)
dw_h = lo
