# 414. A line as a polynomial that numpy differentiates
# earns: dh2_raw
# why: numpy's derivatives of polynomials are multiplied
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
dh2 = np.poly1d([w_y, 0.0]).deriv()(h2)
factor = np.polynomial.Polynomial([0.0, 0.0, 1.0]).deriv()
dh2_raw = dh2*(1 - h2*factor(h2)/2)
dh1raw_dwh = np.polyder([h0, 0.0])[0]
