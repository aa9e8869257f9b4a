# 544. Values around a weight with nodes that no number shows: many random nodes
# earns: nothing
# why: roots, real parts and fractions count as numbers of a shift
import math
import numpy as np
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = np.tanh(h1_raw)
h2_raw = w_h * h1
h2 = np.tanh(h2_raw)
y2 = w_y * h2
rng = np.random.default_rng(0)
z = rng.standard_normal(4000); z = np.concatenate([z, -z]) * 1e-3
y = w_y * np.tanh((w_h + z) * np.tanh((w_h + z) * h0))
dw_h = (y * z).sum() / (z * z).sum()
c = np.polynomial.polynomial.polyfit(z, y, 5)
dw_h = c[1]
