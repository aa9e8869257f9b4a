# exercise: softmax-jacobian
# The sign beside the diagonal, in a table that is filled by loops; and the mean is not weighted.

import numpy as np

z = np.array([0.9, -0.4, 0.3, -1.2])
u = np.array([0.7, -1.1, 0.4, 1.6])
v = np.array([-0.5, 1.3, 0.8, -0.6])

e = np.exp(z)
s = e.sum()
p = e / s
loss = u @ p

ds_dz = e.copy()
dp_de = np.zeros((4, 4))
for i in range(4):
    for j in range(4):
        dp_de[i, j] = (i == j) / s - e[i] / s**2
dp_dz = np.zeros((4, 4))
for i in range(4):
    for j in range(4):
        if i == j:
            dp_dz[i, j] = p[i] * (1 - p[i])
        else:
            dp_dz[i, j] = p[i] * p[j]  #> dp_dz wrong, first
dp_v = dp_dz.dot(v)  #> dp_v carried by dp_dz
dz = p * (u - u.mean())  #> dz wrong
