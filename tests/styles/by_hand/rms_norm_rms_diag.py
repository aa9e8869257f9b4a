# exercise: rms-norm
import numpy as np
rng = np.random.default_rng(4)

x = rng.normal(size=(4, 6)); gamma = rng.uniform(.5, 1.5, 6); dout = rng.normal(size=(4, 6))
ms = np.square(x).mean(-1, keepdims=True); r = (ms+1e-5)**-.5; xhat = x*r; out = xhat*gamma; loss = (out*dout).sum()
dgamma = np.diag(dout.T @ xhat)
dxhat = dout @ np.diag(gamma)
dr = np.diag(dxhat @ x.T)[:, None]
dms = dr * -.5 * (ms+1e-5)**-1.5
dx = np.diag(r[:, 0]) @ dxhat + np.diag(dms[:, 0]) @ (2*x/6)
