# exercise: layer-norm
import numpy as np
rng = np.random.default_rng(4)

x = rng.normal(size=(4, 6)); gamma = rng.uniform(.5, 1.5, 6); beta = rng.normal(size=6); dout = rng.normal(size=(4, 6))
mean = np.apply_along_axis(np.mean, 1, x)[:, None]; diff = x-mean; var = np.apply_along_axis(lambda v: v@v/v.size, 1, diff)[:, None]
rstd = 1/np.sqrt(var+1e-5); xhat = diff*rstd; out = gamma*xhat+beta; loss = np.vdot(out, dout)
dbeta = np.apply_along_axis(np.sum, 0, dout); dgamma = np.apply_along_axis(np.sum, 0, dout*xhat)
dxhat = dout*gamma
drstd = np.inner(dxhat, diff).diagonal()[:, None]
dvar = -drstd*rstd**3/2
ddiff = dxhat*rstd + dvar*diff/3
dmean = -np.apply_along_axis(np.sum, 1, ddiff)[:, None]
dx = ddiff + dmean/6
