# exercise: retold-batch-norm
# The exponent is lowered by one, not by two halves too few.
# After a public makemore notebook.

import numpy as np

rng = np.random.default_rng(7)
n = 6
x = rng.normal(size=(n, 3))
gain = rng.normal(size=(1, 3))
bias = rng.normal(size=(1, 3))
G = rng.normal(size=(n, 3))

mean = x.sum(axis=0, keepdims=True) / n
diff = x - mean
diff2 = diff**2
var = diff2.sum(axis=0, keepdims=True) / (n - 1)
inv = (var + 1e-5) ** -0.5
raw = diff * inv
pre = gain * raw + bias
h = np.tanh(pre)
loss = (h * G).sum()

dh = G
dpre = (1 - h**2) * dh
dgain = (raw * dpre).sum(axis=0, keepdims=True)
dbias = dpre.sum(axis=0, keepdims=True)
draw = gain * dpre
dinv = (diff * draw).sum(axis=0, keepdims=True)
dvar = -0.5 * (var + 1e-5) ** -0.5 * dinv  #> dvar wrong, first; code power-rule-exponent-kept
ddiff2 = np.ones_like(diff2) * dvar / (n - 1)  #> ddiff2 carried
ddiff = inv * draw + 2 * diff * ddiff2  #> ddiff carried
dmean = -ddiff.sum(axis=0, keepdims=True)
dx = ddiff + dmean / n  #> dx carried
