# exercise: attention
import numpy as np
rng = np.random.RandomState(0)
x, memory = rng.randn(4, 6), rng.randn(5, 7)
params = {"q": rng.rand(6, 3) - .5, "k": rng.rand(7, 3) - .5, "v": rng.randn(7, 2)}
Wq, Wk, Wv = params["q"], params["k"], params["v"]
dout = rng.randn(4, 2)
src = dict(q=x, k=memory, v=memory)
proj = {key: src[key] @ params[key] for key in params}
q, k, v = proj.values()
scores = np.array([[qi @ kj for kj in k] for qi in q]) / np.sqrt(3)
weights = np.array([np.exp(row) / np.exp(row).sum() for row in scores])
out = weights @ v
loss = (dout * out).sum()
g = {}
dweights = np.array([[gi @ vj for vj in v] for gi in dout])
g["v"] = sum(np.outer(weights[i], dout[i]) for i in range(4))
dscores = np.zeros_like(scores)
for i, (p, up) in enumerate(zip(weights, dweights)):
    dscores[i] = p * up - p * (p @ up)
g["q"] = dscores @ k / np.sqrt(3)
g["k"] = dscores.T @ q / np.sqrt(3)
dq, dk, dv = g["q"], g["k"], g["v"]
grads = {f"dW{key}": src[key].T @ g[key] for key in params}
dWq, dWk, dWv = grads["dWq"], grads["dWk"], grads["dWv"]
back = {key: g[key] @ params[key].T for key in params}
dx, dmemory = back["q"], back["k"] + back["v"]
