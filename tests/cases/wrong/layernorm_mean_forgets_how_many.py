# exercise: layer-norm
# What arrives at the mean goes to each of the numbers whole.

import numpy as np

x = np.random.randn(4, 6)
gamma = np.random.rand(6) + 0.5
beta = np.random.randn(6)
dout = np.random.randn(4, 6)
D = x.shape[1]

mean = x.mean(axis=1, keepdims=True)
diff = x - mean
var = np.mean(diff**2, axis=1, keepdims=True)
rstd = 1 / np.sqrt(var + 1e-5)
xhat = diff * rstd
out = gamma * xhat + beta
loss = np.sum(dout * out)

grads = {}
grads["beta"] = dout.sum(axis=0)
grads["gamma"] = (dout * xhat).sum(axis=0)
grads["xhat"] = dout * gamma
grads["rstd"] = (grads["xhat"] * diff).sum(axis=1, keepdims=True)
grads["var"] = -0.5 * rstd**3 * grads["rstd"]
grads["diff"] = grads["xhat"] * rstd + 2.0 / D * diff * grads["var"]
grads["mean"] = -grads["diff"].sum(axis=1, keepdims=True)
grads["x"] = grads["diff"] + grads["mean"]  #> dx wrong, first
