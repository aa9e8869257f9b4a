# exercise: tanh-chain-reverse
from functools import reduce, partial
from operator import mul
import numpy as np
h0, w_h, w_y = 0.5, 2.0, 40.0
h1_raw = w_h * h0; h1 = np.tanh(h1_raw); h2_raw = w_h * h1; h2 = np.tanh(h2_raw); y2 = w_y * h2
sech2 = lambda t: 1 - t**2
chain = lambda *fs: reduce(mul, fs, 1.0)
dy2 = chain()
dw_y = chain(dy2, h2)
dh2 = chain(dy2, w_y)
via2 = partial(chain, dh2, sech2(h2))
dh2_raw = via2()
dh1 = via2(w_h)
dh1_raw = via2(w_h, sech2(h1))
dw_h = via2(h1) + via2(w_h, sech2(h1), h0)
