# exercise: softmax-jacobian
# The softmax is treated as a function that works entry by entry.

import numpy as np

z = np.array([0.9, -0.4, 0.3, -1.2])
u = np.array([0.7, -1.1, 0.4, 1.6])
v = np.array([-0.5, 1.3, 0.8, -0.6])

e = np.exp(z)
s = np.sum(e)
p = e / s
loss = np.sum(u * p)

ds_dz = e
dp_de = np.diag(np.ones(4) / s)  #> dp_de wrong, first
dp_dz = np.diag(p * (1 - p))  #> dp_dz wrong
dp_v = dp_dz @ v  #> dp_v carried by dp_dz
dz = u * p * (1 - p)  #> dz wrong
