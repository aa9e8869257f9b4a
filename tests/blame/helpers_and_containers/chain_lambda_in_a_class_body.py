# exercise: tanh-chain-reverse
import numpy as np
class Act:
    f = staticmethod(np.vectorize(np.tanh))
    df = staticmethod(np.vectorize(lambda h: 1 - h))  #> guilty
h0, w_h, w_y = 0.5, 2.0, 40.0
h1_raw = w_h * h0; h1 = float(Act.f(h1_raw))
h2_raw = w_h * h1; h2 = float(Act.f(h2_raw))
y2 = w_y * h2
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = dh2 * float(Act.df(h2))
dh1 = w_h * dh2_raw
dh1_raw = dh1 * float(Act.df(h1))
dw_h = dh2_raw * h1 + dh1_raw * h0
