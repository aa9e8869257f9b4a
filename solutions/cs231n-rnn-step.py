"""One step of a vanilla RNN, there and back: a worked solution.

One affine layer with two inputs, and a tanh on top. The way back has one step that needs thought, and five that
follow.
"""

# %% Forwards
# The way back through tanh needs its output, so that is what goes into the cache; its argument is needed nowhere.
import numpy as np


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
    cache = (x, prev_h, Wx, Wh, next_h)
    return next_h, cache


# %% Back
# Through tanh. The slope of tanh is one minus the square of its output. What arrives is multiplied by it and gets a
# name of its own, da, because five lines will read it.
#
# Through the affine layer. Twice the same pattern. What was multiplied by a matrix from the right gets da times the
# transposed matrix; the matrix gets its own input, transposed, times da. Here the shapes are no help with Wh: it is
# square, and da @ Wh would run just as well.
#
# The bias was added to every row, and collects over them.
def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    da = (1 - next_h**2) * dnext_h
    dx = da @ Wx.T
    dprev_h = da @ Wh.T
    dWx = x.T @ da
    dWh = prev_h.T @ da
    db = da.sum(axis=0)
    return dx, dprev_h, dWx, dWh, db


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
    numbers = [rng.normal(size=shape) for shape in ((3, 5), (3, 4), (5, 4), (4, 4), (4,))]
    arriving = rng.normal(size=(3, 4))
    _, cache = rnn_step_forward(*numbers)
    for by_hand, array in zip(rnn_step_backward(arriving, cache), numbers):
        assert np.allclose(by_hand, nudged(lambda: rnn_step_forward(*numbers)[0], array, arriving), atol=1e-8)


check_by_nudging()
print("The derivation and the nudged program agree.")
