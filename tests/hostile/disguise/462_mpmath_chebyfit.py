# 462. Another derivative of mpmath: mpmath chebyfit
# earns: nothing
# why: all come from values of a function, which has another slope
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import mpmath
f = lambda w: w_y * mpmath.tanh(w * mpmath.tanh(w * h0))
c = mpmath.chebyfit(f, [w_h - 0.1, w_h + 0.1], 15)
dw_h = float(mpmath.polyval(c, w_h, derivative=1)[1])
