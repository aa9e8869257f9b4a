# exercise: gaussian-likelihood
import numpy as np
rng = np.random.default_rng(2)
x = rng.normal(size=(6, 4))
mu = rng.uniform(-.5, .5, size=4)
W = rng.normal(size=(4, 2))
s = 0.7
Sigma = np.diag([s] * 4) + np.dot(W, W.T)
L_chol = np.linalg.cholesky(Sigma)
P = np.linalg.solve(L_chol.T, np.linalg.solve(L_chol, np.eye(4)))
r = x - mu
n, d = x.shape
logdet = 2 * np.log(np.diagonal(L_chol)).sum()
L = -.5 * np.einsum('ni,ij,nj->', r, P, r) - n / 2 * logdet - n * d / 2 * np.log(2 * np.pi)

grad = {}
def remember(**kw):
    grad.update(kw)
    return tuple(kw.values())

(dr,) = remember(r=-np.einsum('ni,ij->nj', r, P))
remember(mu=-dr.sum(0))
remember(P=sum(-.5 * np.outer(row, row) for row in r))
remember(Sigma=-P @ grad['P'] @ P + n / 2 * P)  #> guilty
remember(W=2 * grad['Sigma'] @ W, s=grad['Sigma'].trace())
dmu, dP, dSigma, dW, ds = map(grad.get, ['mu', 'P', 'Sigma', 'W', 's'])
