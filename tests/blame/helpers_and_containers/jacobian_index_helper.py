# exercise: softmax-jacobian
import numpy as np
z = np.array([0.9, -0.4, 0.3, -1.2]); u = np.array([0.7, -1.1, 0.4, 1.6]); v = np.array([-0.5, 1.3, 0.8, -0.6])
e = np.exp(z); s = e.sum(); p = e / s; loss = u @ p
def delta(i, j):
    return 1.0 if i == j else 0.0
def jac_entry(i, j):
    return p[i] * delta(i, j)  #> guilty
ds_dz = e.copy()
dp_de = np.eye(4) / s - np.tile(e[:, None], 4) / s ** 2
dp_dz = np.array([[jac_entry(i, j) for j in range(4)] for i in range(4)])
dp_v = dp_dz.dot(v)
dz = dp_dz.T.dot(u)
