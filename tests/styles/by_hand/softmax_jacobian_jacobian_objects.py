# exercise: softmax-jacobian
import numpy as np
z = np.array([.9, -.4, .3, -1.2]); u = np.array([.7, -1.1, .4, 1.6]); v = np.array([-.5, 1.3, .8, -.6])
e = np.exp(z); s = np.sum(e); p = e / s; loss = u.dot(p)
class Jac(np.ndarray):
    def after(self, other): return self @ other
def jac(a): return np.asarray(a).view(Jac)
ds_dz = e.copy()
dp_de = jac((np.eye(4) * s - e[:, None]) / s**2)
de_dz = jac(np.diagflat(e))
dp_dz = dp_de.after(de_dz)
dp_v = np.asarray(dp_dz) @ v
dz = np.asarray(dp_dz.T) @ u
