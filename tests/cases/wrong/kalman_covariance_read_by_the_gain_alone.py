# exercise: kalman-step
# The predicted covariance inside the inverse is forgotten.
# #> loss missing #> dq carried by dPp #> dA carried by dPp

import numpy as np

rng = np.random.default_rng(3)
m = rng.normal(size=3)
B = rng.normal(size=(3, 3))
P = B @ B.T
A = rng.uniform(-1, 1, (3, 3))
q = rng.uniform(0.2, 0.8, 3)
H = rng.uniform(-1, 1, (2, 3))
r = rng.uniform(0.3, 0.9, 2)
y = rng.normal(size=2)
state = rng.normal(size=3)


def forward():
    mp = A @ m
    Pp = A @ P @ A.T + np.diag(q)
    v = y - H @ mp
    S = H @ Pp @ H.T + np.diag(r)
    J = np.linalg.inv(S)
    K = Pp @ H.T @ J
    return mp, Pp, v, J, K, mp + K @ v


def backward(mp, Pp, v, J, K, mean):
    grads = {}
    grads["mean"] = mean - state
    grads["K"] = np.outer(grads["mean"], v)
    grads["v"] = K.T @ grads["mean"]
    grads["J"] = H @ Pp.T @ grads["K"]
    grads["S"] = -J.T @ grads["J"] @ J.T
    grads["r"] = np.diag(grads["S"]).copy()
    grads["Pp"] = grads["K"] @ J.T @ H  #> dPp wrong, first; code branch-contribution-missing
    grads["mp"] = grads["mean"] - H.T @ grads["v"]
    grads["q"] = np.diag(grads["Pp"]).copy()
    grads["A"] = np.outer(grads["mp"], m) + grads["Pp"] @ A @ P.T + grads["Pp"].T @ A @ P
    grads["m"] = A.T @ grads["mp"]
    return grads


grads = backward(*forward())
