# 356. A Chebyshev fit of mpmath
# earns: nothing
# why: a step that grows by the slope that is added to a function was computed from its values
import math
from math import tanh
h0=0.5
w_h=2.0
w_y=40.0
h1_raw=w_h*h0
h1=tanh(h1_raw)
h2_raw=w_h*h1
h2=tanh(h2_raw)
y2=w_y*h2
import mpmath
f=lambda w: w_y*mpmath.tanh(w*mpmath.tanh(w*h0))
dw_h=float(mpmath.polyval(mpmath.chebyfit(lambda e: f(w_h+e),[-.01,.01],10)[:-1],0)) if 0 else float(mpmath.chebyfit(lambda e: f(w_h+e),[-.01,.01],9)[-2])
