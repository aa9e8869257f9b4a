# 425. Difference quotient in ninety digits with a step of 1e-30
# earns: nothing
# why: the function has another slope in any number type
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
from decimal import Decimal as D, getcontext
getcontext().prec = 90
def th(u):
    a = (2 * u).exp()
    return (a - 1) / (a + 1)
e = D("1e-30")
w = D(w_h)
dh2_dwh = float((th((w + e) * th((w + e) * D(h0))) - th(w * th(w * D(h0)))) / e)
