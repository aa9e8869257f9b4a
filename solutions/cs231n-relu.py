"""The rectified linear unit, there and back: a worked solution.

The simplest of all layers, and a good place to see what the chain rule asks for: what arrives, times the slope at the
place where the layer was on the way forwards.
"""

# %% Forwards
# Numbers above 0 pass, the others become 0. What the way back needs is where the input was positive, so the input is
# what goes into the cache.
import numpy as np


def relu_forward(x):
    out = np.maximum(0, x)
    cache = x
    return out, cache


# %% Back
# Where x > 0 the output follows the input one to one: slope 1. Where x < 0 it stays at 0 whatever the input does:
# slope 0. (At exactly 0 there is a corner and no slope; everybody takes 0.)
#
# So dout passes where x was positive, and is stopped elsewhere. Its own sign plays no part: a negative gradient
# passes as well as a positive one. A unit that was switched off learns nothing from this example, in either
# direction.
def relu_backward(dout, cache):
    x = cache
    dx = dout * (x > 0)
    return dx


# %% Check: nudge every number
# We move each number a little to either side and see what the forward function makes of it. The numbers are kept away
# from the corner at 0, because a nudge across it would see half of each side.
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
    numbers = rng.uniform(0.1, 2, (4, 3)) * rng.choice([-1, 1], (4, 3))
    arriving = rng.normal(size=(4, 3))
    _, cache = relu_forward(numbers)
    assert np.allclose(relu_backward(arriving, cache), nudged(lambda: relu_forward(numbers)[0], numbers, arriving))


check_by_nudging()
print("The derivation and the nudged program agree.")
