"""A two-layer network with GELU: a worked solution.

The linear layers are as everywhere. The GELU is taken apart into three lines, so that each of them has a slope that one
knows: a polynomial, a tanh and a product.
"""

# %% What we start from
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(5, 4))
W1 = rng.uniform(-0.8, 0.8, size=(4, 6))
b1 = rng.uniform(-0.5, 0.5, size=6)
W2 = rng.normal(size=(6, 3))
b2 = rng.uniform(-0.5, 0.5, size=3)
y = rng.normal(size=(5, 3))

# %% The program
c = np.sqrt(2 / np.pi)

a = x @ W1 + b1
u = c * (a + 0.044715 * a**3)
t = np.tanh(u)
h = 0.5 * a * (1 + t)
out = h @ W2 + b2
loss = np.mean((out - y) ** 2)

# %% Back through the loss and the second layer
# The mean is over all entries, examples times outputs, so that is what its factor divides by.
dout = 2 * (out - y) / out.size
dW2 = h.T @ dout
db2 = dout.sum(axis=0)
dh = dout @ W2.T

# %% Back through the GELU
# h = 0.5 * a * (1 + t) is a product: t gets what arrives, times the rest.
dt = dh * 0.5 * a
# The slope of `tanh`, written with its output.
du = dt * (1 - t**2)
# `a` is read by two lines. As a factor of `h` it gets `0.5 * (1 + t)` of what arrives there. In `u` it stands in a
# polynomial, whose slope is `1 + 3 * 0.044715 * a**2`. The two are added.
da = dh * 0.5 * (1 + t) + du * c * (1 + 3 * 0.044715 * a**2)

# %% Back through the first layer
dW1 = x.T @ da
db1 = da.sum(axis=0)
dx = da @ W1.T

print(f"loss = {loss:.6f}")
print(dx)


# %% Check: nudge every number
def loss_now():
    pre = x @ W1 + b1
    hidden = 0.5 * pre * (1 + np.tanh(c * (pre + 0.044715 * pre**3)))
    return np.mean((hidden @ W2 + b2 - y) ** 2)


def nudged(array, tiny=1e-5):
    slopes = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        kept = array[place]
        array[place] = kept + tiny
        above = loss_now()
        array[place] = kept - tiny
        below = loss_now()
        array[place] = kept
        slopes[place] = (above - below) / (2 * tiny)
    return slopes


for by_hand, array in [(dW1, W1), (db1, b1), (dW2, W2), (db2, b2), (dx, x)]:
    assert np.allclose(by_hand, nudged(array), atol=1e-8)
print("By hand and by nudging: the same.")
