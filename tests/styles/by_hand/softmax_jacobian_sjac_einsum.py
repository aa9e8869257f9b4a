# exercise: softmax-jacobian
import numpy as np
z = np.array([.9, -.4, .3, -1.2]); u = np.array([.7, -1.1, .4, 1.6]); v = np.array([-.5, 1.3, .8, -.6])
e = np.exp(z); s = e.sum(); p = e/s; loss = u@p
I = np.eye(4)
ds_dz = np.einsum("i,ij->j", np.ones(4), e*I)
dp_de = I/s - np.einsum("i,j->ij", e, np.ones(4))/s**2
dp_dz = np.einsum("ik,kj->ij", dp_de, np.diag(e))
dp_v = np.einsum("ij,j->i", dp_dz, v)
dz = np.einsum("i,ij->j", u, dp_dz)
