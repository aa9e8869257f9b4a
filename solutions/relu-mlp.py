"""A small network with ReLU, for a batch: a worked solution as a class, with NumPy.

`dZ1` is short for d(loss)/d(Z1), and so on; it has the shape of Z1. The network keeps what it computes as attributes:
`backward` needs nearly all of it.
"""

# %% What we start from
import numpy as np

X = np.array([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = np.array([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = np.array([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = np.array([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = np.array([0.3, -0.4])
Y = np.array([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])

# %% Where the rules for matrices come from
# One entry of O = H @ W2 + b2, written out:
#     O[i, k] = H[i, 0] * W2[0, k] + ... + H[i, 4] * W2[4, k] + b2[k]
# Three questions to it:
#
# 1. Which entries of O read W2[j, k]? Column k, in every row i, where it is multiplied by H[i, j]. It collects
#        sum over i of H[i, j] * dO[i, k]          which is  H.T @ dO
# 2. Which entries of O read H[i, j]? Row i, in every column k, where it is multiplied by W2[j, k]. It collects
#        sum over k of dO[i, k] * W2[j, k]         which is  dO @ W2.T
# 3. Which entries of O read b2[k]? Column k, in every row. It collects
#        sum over i of dO[i, k]                    which is  dO.sum(axis=0)
#
# The shapes remember the rules for us: of H (4, 5), dO (4, 2) and W2 (5, 2) there is one product of shape (5, 2) and
# one of shape (4, 5). That works as long as no two of the lengths are equal, so practise with lengths that are not.


# %% The network
# The ReLU needs a rule of its own, and it is asked of what went IN on the way forward. Where Z1 is positive, H moves as
# Z1 does: slope 1. Where it is negative, H stays at 0: slope 0. So the gradient is multiplied by a matrix of ones and
# zeros. It is not "the ReLU of the gradient": a negative gradient passes an open unit as well as a positive one does.
# (At exactly 0 there is no slope; by custom it is taken as 0.)
class Network:
    def __init__(self, W1, b1, W2, b2):
        self.W1, self.b1 = W1, b1
        self.W2, self.b2 = W2, b2

    def forward(self, X, Y):
        self.X = X
        self.Z1 = X @ self.W1 + self.b1
        self.H = np.maximum(self.Z1, 0)
        self.O = self.H @ self.W2 + self.b2
        self.E = self.O - Y
        self.loss = (self.E**2).sum() / len(X)
        return self.loss

    def backward(self):
        # Squares: the slope is 2 * E. The sum over the outputs divides by nothing, the mean over the rows by N.
        self.dE = 2 * self.E / len(self.X)
        self.dO = self.dE

        # O = H @ W2 + b2
        self.dW2 = self.H.T @ self.dO
        self.db2 = self.dO.sum(axis=0)
        self.dH = self.dO @ self.W2.T

        # H = relu(Z1): entry by entry, so `*` and not `@`
        self.mask = self.Z1 > 0
        self.dZ1 = self.dH * self.mask

        # Z1 = X @ W1 + b1: the same two rules, with X in the place of H
        self.dW1 = self.X.T @ self.dZ1
        self.db1 = self.dZ1.sum(axis=0)


# %% One run forwards, one backwards
network = Network(W1, b1, W2, b2)
network.forward(X, Y)
network.backward()

print(f"loss = {network.loss:.6f}")
print(f"{network.mask.sum()} of {network.mask.size} hidden values let the gradient through")
print("dW1 =", network.dW1.round(4), sep="\n")

# %% Check 1: shapes
for name in ("W1", "b1", "W2", "b2", "H", "Z1", "O", "E"):
    assert getattr(network, f"d{name}").shape == getattr(network, name).shape


# %% Check 2: nudge every single weight
def nudged(parameter):
    """The slope of the loss by each entry of an array, which is moved and put back."""
    slopes, tiny = np.zeros_like(parameter), 1e-6
    for index in np.ndindex(parameter.shape):
        there = parameter[index]
        losses = []
        for moved in (there + tiny, there - tiny):
            parameter[index] = moved
            losses.append(Network(W1, b1, W2, b2).forward(X, Y))
        parameter[index] = there
        slopes[index] = (losses[0] - losses[1]) / (2 * tiny)
    return slopes


for name, parameter in (("W1", W1), ("b1", b1), ("W2", W2), ("b2", b2)):
    assert np.allclose(getattr(network, f"d{name}"), nudged(parameter), rtol=1e-5, atol=1e-8), name
print("The nudged network agrees in all", sum(one.size for one in (W1, b1, W2, b2)), "weights.")
