"""One step of an LSTM, there and back: a worked solution.

Four gates, one affine layer. The trick of this form is that all four are computed by one product and taken apart
afterwards, so on the way back the four are put together again and go through one product.
"""

# %% Forwards
# The parts stand on the last axis in the order i, f, o, g. The first three are gates between 0 and 1, and g is what
# is put on the belt, between -1 and 1.
import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    a = x @ Wx + prev_h @ Wh + b
    a_i, a_f, a_o, a_g = np.split(a, 4, axis=1)
    i, f, o, g = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o), np.tanh(a_g)
    next_c = f * prev_c + i * g
    squashed = np.tanh(next_c)
    next_h = o * squashed
    cache = (x, prev_h, prev_c, Wx, Wh, i, f, o, g, squashed)
    return next_h, next_c, cache


# %% Back
# The two states. The cell state was read twice: by the step that follows, which sends dnext_c, and by next_h = o *
# tanh(next_c), which sends what arrives at next_h times o times the slope of tanh. The two are added. The slope is
# written with the output of this tanh, which is why it is in the cache; next_h is not that output, it is the output
# times a gate.
#
# The belt. Two products and a sum. To prev_c leads one factor, the forget gate.
#
# The gates. Each through its squashing function, and then side by side again, in the order in which they were taken
# apart. To exchange two of them raises no error: all four have the same shape.
#
# The affine layer. As in every layer.
def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, squashed = cache
    do = squashed * dnext_h
    dc = dnext_c + o * (1 - squashed**2) * dnext_h

    dprev_c = f * dc
    df = prev_c * dc
    di = g * dc
    dg = i * dc

    da_i = i * (1 - i) * di
    da_f = f * (1 - f) * df
    da_o = o * (1 - o) * do
    da_g = (1 - g**2) * dg
    da = np.concatenate([da_i, da_f, da_o, da_g], axis=1)

    dx = da @ Wx.T
    dprev_h = da @ Wh.T
    dWx = x.T @ da
    dWh = prev_h.T @ da
    db = da.sum(axis=0)
    return dx, dprev_h, dprev_c, dWx, dWh, db


# %% Check: nudge every number
# We move each number a little to either side and see what the forward function, which knows nothing of our rules,
# makes of it. Both states are laid side by side, so that both gradients that arrive are tried.
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
    numbers = [rng.normal(size=shape) for shape in ((3, 5), (3, 4), (3, 4), (5, 16), (4, 16), (16,))]
    arriving = rng.normal(size=(2, 3, 4))
    _, _, cache = lstm_step_forward(*numbers)
    for by_hand, array in zip(lstm_step_backward(*arriving, cache), numbers):
        slopes = nudged(lambda: np.stack(lstm_step_forward(*numbers)[:2]), array, arriving)
        assert np.allclose(by_hand, slopes, atol=1e-8)


check_by_nudging()
print("The derivation and the nudged program agree.")
