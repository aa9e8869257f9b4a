# exercise: layer-norm
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(4, 6))
gamma = rng.uniform(0.5, 1.5, size=6)
beta = rng.uniform(-1, 1, size=6)
dout = rng.normal(size=(4, 6))
mean = x.mean(axis=1, keepdims=True)
diff = x - mean
var = (diff**2).mean(axis=1, keepdims=True)
rstd = (var + 1e-5) ** -0.5
xhat = diff * rstd
out = gamma * xhat + beta
loss = (dout * out).sum()


def rows(a):
    return a.sum(axis=0, keepdims=True)  #> guilty


results = {}
results["beta"] = dout.sum(axis=0)
results["gamma"] = (dout * xhat).sum(axis=0)
results["xhat"] = dout * gamma
results["rstd"] = rows(results["xhat"] * diff)
results["var"] = -0.5 * rstd**3 * results["rstd"]
results["diff"] = rstd * results["xhat"] + 2 * diff / 6 * results["var"]
results["mean"] = -rows(results["diff"])
results["x"] = results["diff"] + results["mean"] / 6
grads = {f"d{name}": value for name, value in results.items()}
