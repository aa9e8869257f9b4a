# exercise: gru-cell
# In a class: the candidate is weighted by z, and the slope of a sigmoid is taken for that of tanh.

import numpy as np

rng = np.random.default_rng(3)
x = rng.normal(size=(3, 5)); h_prev = rng.uniform(-1, 1, (3, 4)); u = rng.normal(size=(3, 4))
W_z, W_r, W_n = (rng.uniform(-0.8, 0.8, (5, 4)) for _ in range(3))
U_z, U_r, U_n = (rng.uniform(-0.8, 0.8, (4, 4)) for _ in range(3))
b_z, b_r, b_n = (rng.uniform(-0.5, 0.5, 4) for _ in range(3))


class Cell:
    @staticmethod
    def squash(v):
        return 1 / (1 + np.exp(-v))

    def __call__(self):
        self.a_z = x @ W_z + h_prev @ U_z + b_z
        self.z = self.squash(self.a_z)
        self.a_r = x @ W_r + h_prev @ U_r + b_r
        self.r = self.squash(self.a_r)
        self.m = self.r * h_prev
        self.a_n = x @ W_n + self.m @ U_n + b_n
        self.n = np.tanh(self.a_n)
        self.h = (1 - self.z) * self.n + self.z * h_prev
        return self.h

    def back(self, u):
        self.dn = u * self.z  #> dn wrong, first
        self.dz = u * (h_prev - self.n)
        self.da_n = self.dn * self.n * (1 - self.n)  #> da_n wrong
        self.dm = self.da_n @ U_n.T  #> dm carried
        self.dr = self.dm * h_prev  #> dr carried
        self.da_z = self.dz * self.z * (1 - self.z)
        self.da_r = self.dr * self.r * (1 - self.r)  #> da_r carried
        self.dW_n = x.T @ self.da_n  #> dW_n carried
        self.dU_n = self.m.T @ self.da_n  #> dU_n carried
        self.db_n = self.da_n.sum(0)  #> db_n carried
        self.dW_z, self.dU_z, self.db_z = x.T @ self.da_z, h_prev.T @ self.da_z, self.da_z.sum(0)
        self.dW_r = x.T @ self.da_r  #> dW_r carried
        self.dU_r = h_prev.T @ self.da_r  #> dU_r carried
        self.db_r = self.da_r.sum(0)  #> db_r carried
        self.dx = self.da_n @ W_n.T + self.da_z @ W_z.T + self.da_r @ W_r.T  #> dx carried
        self.dh_prev = u * self.z + self.dm * self.r + self.da_z @ U_z.T + self.da_r @ U_r.T  #> dh_prev carried


cell = Cell()
L = (u * cell()).sum()
cell.back(u)
