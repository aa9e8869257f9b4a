# exercise: softmax-jacobian
import numpy as np

z = np.array([0.9, -0.4, 0.3, -1.2])
u = np.array([0.7, -1.1, 0.4, 1.6])
v = np.array([-0.5, 1.3, 0.8, -0.6])

K = 4
e = np.exp(z)
s = e.sum()
p = e / s
loss = u @ p

ds_dz = np.zeros(K)
dp_de = np.zeros((K, K))
dp_dz = np.zeros((K, K))
for i in range(K):
    ds_dz[i] = e[i]
    for j in range(K):
        if i == j:
            dp_de[i, j] = 1 / s - e[i] / s**2
            dp_dz[i, j] = p[i] * (1 - p[i])
        else:
            dp_de[i, j] = -e[i] / s**2
            dp_dz[i, j] = -p[i] * p[j]
dp_v = np.array([sum(dp_dz[i, j] * v[j] for j in range(K)) for i in range(K)])
dz = dp_dz.T @ u
