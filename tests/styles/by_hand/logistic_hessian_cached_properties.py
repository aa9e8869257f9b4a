# exercise: logistic-hessian
import numpy as np
from functools import cached_property
X = np.array([[0.5, -1.2, 0.8], [1.5, 0.3, -0.7], [-0.6, 0.9, 1.1], [-1.4, -0.5, 0.4], [0.7, 1.3, -0.9], [-0.3, 0.6, -1.6]])
y = np.array([1, 0, 1, 0, 0, 1])
w = np.array([0.8, -0.6, 0.3])
lam = 0.1
class Problem:
    X, y, w, lam = X, y, w, lam
    @cached_property
    def N(self): return len(self.X)
    @cached_property
    def p(self): return 1 / (1 + np.exp(-self.X @ self.w))
    @cached_property
    def dz(self): return (self.p - self.y) / self.N
    @cached_property
    def g(self): return self.X.T @ self.dz + self.lam * self.w
    @cached_property
    def s(self): return self.p * (1 - self.p)
    @cached_property
    def H(self):
        H = np.zeros((3, 3))
        for xi, si in zip(self.X, self.s):
            H += si * np.outer(xi, xi) / self.N
        return H + self.lam * np.eye(3)
    @cached_property
    def step(self): return np.linalg.solve(self.H, -self.g)
pb = Problem()
grads = {nm: getattr(pb, nm) for nm in ('dz', 'g', 's', 'H', 'step')}
