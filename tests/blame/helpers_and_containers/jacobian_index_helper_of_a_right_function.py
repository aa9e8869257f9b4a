# exercise: softmax-jacobian
import numpy as np
z = np.array([0.9, -0.4, 0.3, -1.2]); u = np.array([0.7, -1.1, 0.4, 1.6]); v = np.array([-0.5, 1.3, 0.8, -0.6])
e = np.exp(z); s = e.sum(); p = e / s; loss = u @ p
kron = lambda i, j: float(i == j)
entry = np.vectorize(lambda i, j: kron(i, j) / s - e[i] / s ** 2)
ds_dz = e
dp_de = np.fromfunction(lambda i, j: entry(i.astype(int), j.astype(int)), (4, 4))
dp_dz = np.fromfunction(np.vectorize(lambda i, j: p[int(i)] * (kron(i, j) - p[int(i)])), (4, 4))  #> guilty
dp_v = dp_dz @ v
dz = np.dot(u, dp_dz)
