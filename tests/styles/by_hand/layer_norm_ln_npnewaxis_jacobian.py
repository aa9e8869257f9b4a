# exercise: layer-norm
import numpy as np
rng = np.random.default_rng(6)
x = rng.normal(size=(4, 6)); gamma = rng.uniform(.5, 1.5, 6); beta = rng.normal(size=6); dout = rng.normal(size=(4, 6))
rows = []
Step = np.dtype([("dxhat", float, 6), ("drstd", float), ("dvar", float), ("ddiff", float, 6), ("dmean", float), ("dx", float, 6)])
res = np.zeros(4, dtype=Step)
mean = x.mean(1, keepdims=True); diff = x - mean; var = (diff**2).mean(1, keepdims=True); rstd = (var + 1e-5)**-.5; xhat = diff * rstd
out = gamma * xhat + beta; loss = (out * dout).sum()
dbeta = dout.sum(0); dgamma = (dout * xhat).sum(0)
res["dxhat"] = dout * gamma
res["drstd"] = (res["dxhat"] * diff).sum(1)
res["dvar"] = -.5 * rstd[:, 0]**3 * res["drstd"]
res["ddiff"] = res["dxhat"] * rstd + 2 / 6 * diff * res["dvar"][:, None]
res["dmean"] = -res["ddiff"].sum(1)
res["dx"] = res["ddiff"] + res["dmean"][:, None] / 6
dxhat, drstd, dvar, ddiff, dmean, dx = (res[name] for name in Step.names)
