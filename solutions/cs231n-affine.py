"""An affine layer, there and back: a worked solution.

A layer is a pair of functions. The one that goes forwards leaves in its cache what the one that goes back will need.
The one that goes back is told dout, how fast the loss changes with each entry of out, and answers the same question
for each of the layer's inputs.
"""

# %% Forwards
# Each example is laid out as one row, whatever its shape was: that is all the layer sees of it. Row n of out is row n
# of the input times w, plus the same row b for all.
import numpy as np


def affine_forward(x, w, b):
    rows = x.reshape(x.shape[0], -1)
    out = rows @ w + b
    cache = (x, w, b)
    return out, cache


# %% Back
# Take one entry of out and see what it is made of.
#
# The input. Entry (n, d) of the rows goes into all M entries of row n of out, each time with the weight w[d, m]. So
# it collects over m: that is dout @ w.T. At the end it gets back the shape in which it came.
#
# The weights. Entry (d, m) of w is used once by each example, multiplied by what that example has in column d. So it
# collects over the examples: rows.T @ dout.
#
# The bias. Used once by each example, multiplied by 1. It collects over the examples too: a sum over the rows. Not a
# mean: if the loss is a mean, dout knows it already.
#
# When in doubt, look at the shapes. N x M times M x D is N x D, and D x N times N x M is D x M; with three different
# lengths there is one way to put each product together.
def affine_backward(dout, cache):
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    dx = (dout @ w.T).reshape(x.shape)
    dw = rows.T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db


# %% Check: nudge every number
# We move each number a little to either side and see what the forward function, which knows nothing of our rules,
# makes of it.
def nudged(f, array, dout, tiny=1e-5):
    """How fast the sum of f() * dout changes with each entry of `array`."""
    slopes = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        kept = array[place]
        array[place] = kept + tiny
        above = f()
        array[place] = kept - tiny
        slopes[place] = np.sum((above - f()) * dout) / (2 * tiny)
        array[place] = kept
    return slopes


def check_by_nudging():
    rng = np.random.default_rng(0)
    images, weights, biases = rng.normal(size=(4, 2, 3)), rng.normal(size=(6, 5)), rng.normal(size=5)
    arriving = rng.normal(size=(4, 5))
    _, cache = affine_forward(images, weights, biases)
    for by_hand, array in zip(affine_backward(arriving, cache), (images, weights, biases)):
        assert np.allclose(by_hand, nudged(lambda: affine_forward(images, weights, biases)[0], array, arriving))


check_by_nudging()
print("The derivation and the nudged program agree.")
