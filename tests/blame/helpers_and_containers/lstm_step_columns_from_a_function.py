# exercise: cs231n-lstm-step
import numpy as np
sigmoid = lambda a: 1. / (1. + np.exp(-a))
GATES = dict(i=0, f=1, o=2, g=3)
def _cols(A, gate):
    H = A.shape[1] // 4
    k = GATES[gate]
    return A[:, k * H:(k + 1) * H]
def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    A = x.dot(Wx) + prev_h.dot(Wh) + b
    gate = {name: (np.tanh if name == "g" else sigmoid)(_cols(A, name)) for name in GATES}
    next_c = gate["f"] * prev_c + gate["i"] * gate["g"]
    th = np.tanh(next_c)
    return gate["o"] * th, next_c, (x, prev_h, prev_c, Wx, Wh, gate, th)
def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, gate, th = cache
    dc = dnext_c + dnext_h * gate["o"] * (1 - th ** 2)
    upstream = {"o": dnext_h * th, "f": dc * prev_c, "i": dc * gate["g"], "g": dc * gate["i"]}
    dA = np.zeros((x.shape[0], Wx.shape[1]))
    for name, up in upstream.items():
        v = gate[name]
        _cols(dA, name)[...] = up * (1 - v ** 2 if name == "g" else v * (1 + v))  #> guilty
    return dA @ Wx.T, dA @ Wh.T, dc * gate["f"], x.T @ dA, prev_h.T @ dA, dA.sum(0)
