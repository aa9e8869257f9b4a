"""A GRU cell, gate by gate: a worked solution.

This time as a class. forward keeps every quantity as an attribute, because the way back needs it; backward walks over
the same lines in the opposite order and keeps the gradients the same way.

The difficulty of this cell is in one name. The old state is read by four lines: by both gates, by the product with
the reset gate, and by the mixture at the end. So its gradient is a sum of four, and we let it grow as the four are
met.
"""

# %% What we start from
# u is what the rest of the network sends to h.
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(3, 5))
h_prev = rng.uniform(-1, 1, (3, 4))
W_z, W_r, W_n = rng.uniform(-0.8, 0.8, (3, 5, 4))
U_z, U_r, U_n = rng.uniform(-0.8, 0.8, (3, 4, 4))
b_z, b_r, b_n = rng.uniform(-0.5, 0.5, (3, 4))
u = rng.normal(size=(3, 4))


# %% The cell, there and back
# The mixture. n has the weight 1 - z and gets that share of what arrives. z stands in both terms, once with a minus:
# moving it towards 1 takes n out and puts the old state in, so what counts is the difference of the two. h_prev gets
# the share z, the first of its four.
#
# The candidate. Through tanh, and then an affine layer with two inputs, x and m. U_n was multiplied by m, so its
# gradient is made with m, not with the whole old state.
#
# The reset. m = r * h_prev is a product: one factor gets what arrives times the other. The second of the four.
#
# The gates. Two sigmoids, two affine layers, and with them the third and the fourth.
def sigmoid(a):
    return 1 / (1 + np.exp(-a))


class GRUCell:
    def forward(self, x, h_prev):
        self.a_z = x @ W_z + h_prev @ U_z + b_z
        self.z = sigmoid(self.a_z)
        self.a_r = x @ W_r + h_prev @ U_r + b_r
        self.r = sigmoid(self.a_r)
        self.m = self.r * h_prev
        self.a_n = x @ W_n + self.m @ U_n + b_n
        self.n = np.tanh(self.a_n)
        self.h = (1 - self.z) * self.n + self.z * h_prev
        return self.h

    def backward(self, u, x, h_prev):
        # the mixture
        self.dn = (1 - self.z) * u
        self.dz = (h_prev - self.n) * u
        to_h_prev = self.z * u
        # the candidate
        self.da_n = (1 - self.n**2) * self.dn
        self.dW_n = x.T @ self.da_n
        self.dU_n = self.m.T @ self.da_n
        self.db_n = self.da_n.sum(axis=0)
        self.dm = self.da_n @ U_n.T
        # the reset
        self.dr = h_prev * self.dm
        to_h_prev = to_h_prev + self.r * self.dm
        # the gates
        self.da_z = self.z * (1 - self.z) * self.dz
        self.dW_z = x.T @ self.da_z
        self.dU_z = h_prev.T @ self.da_z
        self.db_z = self.da_z.sum(axis=0)
        self.da_r = self.r * (1 - self.r) * self.dr
        self.dW_r = x.T @ self.da_r
        self.dU_r = h_prev.T @ self.da_r
        self.db_r = self.da_r.sum(axis=0)
        self.dx = self.da_n @ W_n.T + self.da_z @ W_z.T + self.da_r @ W_r.T
        self.dh_prev = to_h_prev + self.da_z @ U_z.T + self.da_r @ U_r.T
        return self.dx, self.dh_prev


# %% Used
# One step forwards, the loss that stands for the rest of the network, and one step back.
cell = GRUCell()
h = cell.forward(x, h_prev)
L = np.sum(u * h)
dx, dh_prev = cell.backward(u, x, h_prev)


# %% Check: nudge every number
# A class makes this easy: a fresh cell for each nudge.
def nudged(array, tiny=1e-5):
    slopes = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        kept = array[place]
        array[place] = kept + tiny
        above = np.sum(u * GRUCell().forward(x, h_prev))
        array[place] = kept - tiny
        slopes[place] = (above - np.sum(u * GRUCell().forward(x, h_prev))) / (2 * tiny)
        array[place] = kept
    return slopes


pairs = ((dx, x), (dh_prev, h_prev), (cell.dW_r, W_r), (cell.dU_n, U_n), (cell.dU_z, U_z), (cell.db_n, b_n))
for by_hand, array in pairs:
    assert np.allclose(by_hand, nudged(array), atol=1e-8)
print("The derivation and the nudged program agree.")
