# 422. Covariance of values with random shifts
# earns: nothing
# why: what is computed from shifted values gets another slope
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
rng = np.random.default_rng(5)
d = rng.normal(size=4000) * 1e-5
d = np.concatenate([d, -d])
f = w_y * np.tanh((w_h + d) * np.tanh((w_h + d) * h0))
dw_h = float(np.cov(f, d)[0, 1] / np.var(d, ddof=1))
