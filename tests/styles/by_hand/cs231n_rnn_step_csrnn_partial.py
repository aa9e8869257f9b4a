# exercise: cs231n-rnn-step
import numpy as np
def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(sum((np.dot(x, Wx), np.dot(prev_h, Wh), b)))
    def back(dnext_h):
        da = dnext_h * (1 - next_h * next_h)
        return da.dot(Wx.T), da.dot(Wh.T), x.T.dot(da), prev_h.T.dot(da), da.sum(0)
    return next_h, back
def rnn_step_backward(dnext_h, cache):
    return cache(dnext_h)
