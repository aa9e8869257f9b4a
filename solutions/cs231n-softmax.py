"""The softmax loss, there and back: a worked solution.

The loss of one example is the surprise of the classifier when it is told the right class: minus the logarithm of the
probability it had given it.
"""

# %% What is to be found
# Write the loss of one example, with the right class y, without the fraction:
#
#     -log(exp(x_y) / sum_k exp(x_k))  =  -x_y + log(sum_k exp(x_k))
#
# and the derivative by one score x_c can be read off. The first term gives -1 if c is the right class and nothing
# otherwise. The second is a logarithm of a sum of exponentials: one over the sum, times the one summand that depends
# on x_c, which is exp(x_c). That is the probability p_c.
#
# So the gradient is what the classifier said minus what it should have said. Its entries add up to 0 for each
# example: pushing all scores up together changes nothing, and that is also why the largest score can be subtracted
# from a row before the exponential, which keeps it from overflowing.
#
# The loss is a mean over the N examples, so each of them has only a share of 1/N in it, and so has every entry of the
# gradient.
import numpy as np


def softmax_loss(x, y):
    n = x.shape[0]
    right = (np.arange(n), y)
    shifted = x - x.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_p[right].mean()
    said = np.exp(log_p)
    should_have_said = np.zeros_like(x)
    should_have_said[right] = 1
    dx = (said - should_have_said) / n
    return loss, dx


# %% Check: nudge every score
# We move each score a little to either side and see what the loss makes of it. The rows of the gradient must add up
# to 0, too.
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
    scores, labels = rng.normal(size=(5, 4)), np.array([0, 3, 2, 2, 1])
    _, by_hand = softmax_loss(scores, labels)
    assert np.allclose(by_hand, nudged(lambda: softmax_loss(scores, labels)[0], scores, 1.0))
    assert np.allclose(by_hand.sum(axis=1), 0)


check_by_nudging()
print("The derivation and the nudged program agree.")
