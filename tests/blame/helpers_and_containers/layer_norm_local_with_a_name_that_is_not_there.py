# exercise: layer-norm
import numpy as np
x = np.random.randn(4, 6); gamma = np.random.rand(6) + .5; beta = np.random.rand(6); dout = np.random.randn(4, 6)
N, D = x.shape
mean = x.mean(1, keepdims=True); diff = x - mean; var = (diff ** 2).mean(1, keepdims=True); rstd = (var + 1e-5) ** -.5
xhat = diff * rstd; out = gamma * xhat + beta; loss = (out * dout).sum()
dbeta = dout.sum(0)
prod = dout * x_hat  #> guilty
dgamma = prod.sum(0)
dxhat = dout * gamma
drstd = (dxhat * diff).sum(1, keepdims=True)
dvar = -.5 * drstd * rstd ** 3
left = dxhat * rstd
middle = 2 / D * diff * dvar
ddiff = left + middle
total = ddiff.sum(1, keepdims=True)
dmean = -total
share = dmean / D
dx = ddiff + share
