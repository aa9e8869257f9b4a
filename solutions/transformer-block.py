"""A transformer block with residual connections: a worked solution.

The block is two halves of the same form, x + layer(norm(x)), and the way back is two halves of the same form, too: what
arrives goes around the layer unchanged, and to it is added what comes back through layer and norm. The norm is needed
twice, so it becomes a function, with another for its way back.
"""

# %% The norm, there and back
# Forwards, each row is multiplied by one over its root mean square. Backwards there are two ways: through the product,
# and through the factor r, which is one number per row and collects from its whole row. Its slope by the mean square is
# -r**3 / 2, and the mean square's slope by an entry is 2 * x / 6; together, -r**3 * x / 6.
import numpy as np


def root(rows):
    return ((rows**2).mean(axis=1, keepdims=True) + 1e-5) ** -0.5


def norm_backward(dn, rows, r):
    return dn * r - r**3 * rows / 6 * (dn * rows).sum(axis=1, keepdims=True)


# %% What we start from
# Four positions with six features. dout stands for whatever the rest of the network would send back.
rng = np.random.default_rng(0)
x = rng.normal(size=(4, 6))
Wq = rng.uniform(-0.8, 0.8, size=(6, 3))
Wk = rng.uniform(-0.8, 0.8, size=(6, 3))
Wv = rng.uniform(-0.8, 0.8, size=(6, 5))
Wo = rng.uniform(-0.8, 0.8, size=(5, 6))
W1 = rng.uniform(-0.8, 0.8, size=(6, 8))
W2 = rng.uniform(-0.8, 0.8, size=(8, 6))
dout = rng.normal(size=(4, 6))

# %% The program
scale = 3**-0.5

r1 = root(x)
n1 = x * r1
q = n1 @ Wq
k = n1 @ Wk
v = n1 @ Wv
scores = q @ k.T * scale
powers = np.exp(scores - scores.max(axis=1, keepdims=True))
weights = powers / powers.sum(axis=1, keepdims=True)
mixed = weights @ v
h = x + mixed @ Wo
r2 = root(h)
n2 = h * r2
a = n2 @ W1
m = np.maximum(a, 0)
out = h + m @ W2
loss = (dout * out).sum()

# %% Back through the second half
# What arrives at out arrives at both of its terms. First through the network:
dm = dout @ W2.T
dW2 = m.T @ dout
da = dm * (a > 0)
dW1 = n2.T @ da
dn2 = da @ W1.T
# Then the two ways are joined: around the network, and through the norm in front of it.
dh = dout + norm_backward(dn2, h, r2)

# %% Back through the attention
# The same with dh in the place of dout. Two rules are enough: from A @ B with D arriving, A gets D @ B.T and B gets A.T
# @ D; and in a softmax, what arrives at a weight counts by how much it differs from the row's weighted mean.
dmixed = dh @ Wo.T
dWo = mixed.T @ dh
dweights = dmixed @ v.T
dv = weights.T @ dmixed
dscores = weights * (dweights - (dweights * weights).sum(axis=1, keepdims=True))
dq = dscores @ k * scale
dk = dscores.T @ q * scale

# %% Back through the three linear maps
# All three read the normalised input.
dWq = n1.T @ dq
dWk = n1.T @ dk
dWv = n1.T @ dv
dn1 = dq @ Wq.T + dk @ Wk.T + dv @ Wv.T

# %% Back to the input
# Around the attention, and through the norm in front of it.
dx = dh + norm_backward(dn1, x, r1)

print(f"loss = {loss:.6f}")
print(dx)


# %% Check: nudge every number
def loss_now():
    one = x * root(x)
    now = (one @ Wq) @ (one @ Wk).T * scale
    share = np.exp(now) / np.exp(now).sum(axis=1, keepdims=True)
    half = x + share @ (one @ Wv) @ Wo
    return (dout * (half + np.maximum(half * root(half) @ W1, 0) @ W2)).sum()


def nudged(array, tiny=1e-6):
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


pairs = [(dx, x), (dWq, Wq), (dWk, Wk), (dWv, Wv), (dWo, Wo), (dW1, W1), (dW2, W2)]
for by_hand, array in pairs:
    assert np.allclose(by_hand, nudged(array), atol=1e-6)
print("By hand and by nudging: the same.")
