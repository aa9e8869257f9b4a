# exercise: batch-norm
import numpy as np
rng = np.random.default_rng(0)
x = rng.normal(size=(5, 3)); gamma = rng.uniform(.5, 1.5, 3); beta = rng.uniform(-1, 1, 3); dout = rng.normal(size=(5, 3))
n = 5
mean = x.mean(0, keepdims=True); diff = x - mean; diff2 = diff**2
var = diff2.sum(0, keepdims=True)/(n-1); inv = (var+1e-5)**-0.5; raw = diff*inv; out = gamma*raw+beta
loss = (dout*out).sum()
lr, momentum = 0.037, 0.93
sd = np.sqrt(var + 1e-5)
dbeta = dout.sum(0)
dgamma = (dout*diff/sd).sum(0)
draw = dout*gamma
dinv = (draw*raw/inv).sum(0, keepdims=True)
dvar = -dinv/(2*sd**3)
ddiff2 = np.ones_like(diff)*dvar/(n-1)
ddiff = draw/sd + 2*raw/inv*ddiff2
dmean = -ddiff.sum(0, keepdims=True)
dx = ddiff + dmean/n
running = momentum*var + (1-momentum)*sd
w_new = gamma - lr*dgamma
