"""Two layers, a tanh and a weight decay, for a batch: a worked solution as a class with its gradients in a dict.

`grads["W1"]` is short for d(loss)/d(W1), and so on: an array of the shape of W1. That the gradients have the names of
what they belong to makes training a loop over one dict.
"""

# %% What we start from
# Five examples of three features, four hidden units, two classes: no two of these lengths are equal, so a product the
# wrong way round does not go through unnoticed.
import numpy as np

rng = np.random.default_rng(0)
X = rng.normal(size=(5, 3))
y = np.array([0, 1, 1, 0, 1])
W1 = rng.uniform(-1, 1, size=(3, 4))
b1 = rng.uniform(-0.5, 0.5, size=4)
W2 = rng.uniform(-1, 1, size=(4, 2))
b2 = rng.uniform(-0.5, 0.5, size=2)
reg = 0.1

# %% The way back, read before it is written
# Softmax and cross-entropy together.  For one example the loss falls with the score of the right class and rises with
# every score as its probability does: P - 1 at the right class, P at the others. The mean over the batch divides by N,
# here and nowhere else.
#
# An affine map, out = inp @ W + b.  An entry of W met one feature in all examples, so it collects over the examples,
# inp.T @ dout. A bias was added to every row, so it collects the rows. And an entry of inp met one row of W, so it
# collects over the outputs, dout @ W.T.
#
# The penalty.  reg / 2 * W**2 has the slope reg * W, entry by entry: that is what the factor 1/2 is for. W is read by
# its layer AND by the penalty, so both parts are added. The biases are read by their layers only.
#
# The tanh.  Entry by entry, what arrives times 1 - H**2, written with what came OUT of the tanh.


# %% The network
class Network:
    def __init__(self, W1, b1, W2, b2, reg):
        self.W1, self.b1 = W1, b1
        self.W2, self.b2 = W2, b2
        self.reg = reg

    def forward(self, X, y):
        self.Z = X @ self.W1 + self.b1
        self.H = np.tanh(self.Z)
        self.logits = self.H @ self.W2 + self.b2
        counts = np.exp(self.logits - self.logits.max(axis=1, keepdims=True))
        self.P = counts / counts.sum(axis=1, keepdims=True)
        self.nll = -np.log(self.P[np.arange(len(y)), y]).mean()
        self.decay = self.reg / 2 * ((self.W1**2).sum() + (self.W2**2).sum())
        self.loss = self.nll + self.decay
        return self.loss

    def backward(self, X, y):
        grads = {}
        right = np.eye(self.P.shape[1])[y]
        grads["logits"] = (self.P - right) / len(y)

        grads["W2"] = self.H.T @ grads["logits"] + self.reg * self.W2
        grads["b2"] = grads["logits"].sum(axis=0)
        grads["H"] = grads["logits"] @ self.W2.T

        grads["Z"] = grads["H"] * (1 - self.H**2)

        grads["W1"] = X.T @ grads["Z"] + self.reg * self.W1
        grads["b1"] = grads["Z"].sum(axis=0)
        grads["X"] = grads["Z"] @ self.W1.T
        return grads


# %% One run forwards, one backwards
network = Network(W1, b1, W2, b2, reg)
loss = network.forward(X, y)
grads = network.backward(X, y)

print(f"loss = {loss:.6f}, of which {network.decay:.6f} for the weights")
print("gradient by W1 =", grads["W1"].round(4), sep="\n")

# %% Check 1: shapes
for name, array in {"W1": W1, "b1": b1, "W2": W2, "b2": b2, "X": X}.items():
    assert grads[name].shape == array.shape


# %% Check 2: nudge every single number
def nudged(array):
    """The slope of the loss by each entry of an array, which is moved and put back."""
    slopes, tiny = np.zeros_like(array), 1e-6
    for index in np.ndindex(array.shape):
        there = array[index]
        losses = []
        for moved in (there + tiny, there - tiny):
            array[index] = moved
            losses.append(Network(W1, b1, W2, b2, reg).forward(X, y))
        array[index] = there
        slopes[index] = (losses[0] - losses[1]) / (2 * tiny)
    return slopes


for name, array in {"W1": W1, "b1": b1, "W2": W2, "b2": b2, "X": X}.items():
    assert np.allclose(grads[name], nudged(array), rtol=1e-5, atol=1e-8), name
print("The nudged network agrees.")

# %% Use: training is a loop over the dict
# Copies are trained, so that the numbers above stay what they were.
learner = Network(W1.copy(), b1.copy(), W2.copy(), b2.copy(), reg / 100)
for turn in range(301):
    now = learner.forward(X, y)
    if turn % 100 == 0:
        print(f"loss after {turn} steps down: {now:.6f}")
    slopes = learner.backward(X, y)
    for name in ("W1", "b1", "W2", "b2"):
        setattr(learner, name, getattr(learner, name) - 0.5 * slopes[name])
