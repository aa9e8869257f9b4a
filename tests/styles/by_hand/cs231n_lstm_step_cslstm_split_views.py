# exercise: cs231n-lstm-step
import numpy as np
sigmoid = lambda v: .5*(1+np.tanh(v/2))
def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    A = np.concatenate([x, prev_h], 1) @ np.concatenate([Wx, Wh]) + b
    i, f, o, g = np.hsplit(A, 4)
    i, f, o = map(sigmoid, (i, f, o)); g = np.tanh(g)
    next_c = prev_c*f + g*i
    t = np.tanh(next_c)
    return o*t, next_c, [x, prev_h, prev_c, Wx, Wh, (i, f, o, g), t]
def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, (i, f, o, g), t = cache
    dA = np.empty((len(x), 4*o.shape[1]))
    di, df, do, dg = np.hsplit(dA, 4)
    dc = dnext_c + dnext_h*o*(1-t*t)
    di[:] = dc*g*i*(1-i)
    df[:] = dc*prev_c*f*(1-f)
    do[:] = dnext_h*t*o*(1-o)
    dg[:] = dc*i*(1-g*g)
    return dA@Wx.T, dA@Wh.T, dc*f, x.T@dA, prev_h.T@dA, dA.sum(0)
