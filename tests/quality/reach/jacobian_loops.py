# exercise: softmax-jacobian
import numpy as np

z = np.array([0.9, -0.4, 0.3, -1.2])
u = np.array([0.7, -1.1, 0.4, 1.6])
v = np.array([-0.5, 1.3, 0.8, -0.6])

K = len(z)
e = np.exp(z)
s = e.sum()
p = e / s
loss = sum(u[i] * p[i] for i in range(K))

ds_dz = np.array([e[i] for i in range(K)])
dp_de = np.zeros((K, K))
dp_dz = np.zeros((K, K))
for i in range(K):
    for j in range(K):
        if i == j:
            dp_de[i, j] = (s - e[i]) / s**2
        else:
            dp_de[i, j] = -e[i] / s**2
        dp_dz[i, j] = p[i] * (int(i == j) - p[j])
dp_v = np.array([sum(dp_dz[i, j] * v[j] for j in range(K)) for i in range(K)])
dz = np.array([sum(dp_dz[i, j] * u[i] for i in range(K)) for j in range(K)])
