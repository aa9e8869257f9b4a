# exercise: softmax-cross-entropy-fused
import numpy as np
rng = np.random.default_rng(4)

x = rng.normal(size=(6, 5)); W = rng.normal(size=(5, 4)); b = rng.normal(size=4); y = rng.integers(0, 4, 6)
logits = x@W+b
z = np.exp(logits-logits.max(1, keepdims=True)); probs = z/z.sum(1, keepdims=True)
loss = -np.log(np.take_along_axis(probs, y[:, None], 1)).mean()
dlogits = np.array([[(probs[i, j]-(y[i] == j))/6 for j in range(4)] for i in range(6)])
dW = np.array([[x[:, k]@dlogits[:, j] for j in range(4)] for k in range(5)])
db = [sum(col) for col in zip(*dlogits)]
dx = np.array([[row@W[k] for k in range(5)] for row in dlogits])
