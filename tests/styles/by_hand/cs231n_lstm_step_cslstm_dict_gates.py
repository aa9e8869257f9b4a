# exercise: cs231n-lstm-step
import numpy as np
from types import SimpleNamespace as NS
sig = np.vectorize(lambda t: 1 / (1 + np.exp(-t)) if t >= 0 else np.exp(t) / (1 + np.exp(t)))
def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    H = prev_h.shape[1]
    a = x.dot(Wx) + prev_h.dot(Wh) + b
    gate = {name: a[:, n * H:(n + 1) * H] for n, name in enumerate("ifog")}
    gate = {name: (np.tanh if name == "g" else sig)(v) for name, v in gate.items()}
    next_c = gate["f"] * prev_c + gate["i"] * gate["g"]
    next_h = gate["o"] * np.tanh(next_c)
    return next_h, next_c, NS(x=x, prev_h=prev_h, prev_c=prev_c, Wx=Wx, Wh=Wh, gate=gate, tc=np.tanh(next_c))
def lstm_step_backward(dnext_h, dnext_c, cache):
    k, gt = cache, cache.gate
    dc = dnext_c + dnext_h * gt["o"] * (1 - k.tc**2)
    d = {"i": dc * gt["g"], "f": dc * k.prev_c, "o": dnext_h * k.tc, "g": dc * gt["i"]}
    slope = lambda name: 1 - gt[name]**2 if name == "g" else gt[name] * (1 - gt[name])
    da = np.concatenate([d[name] * slope(name) for name in "ifog"], axis=1)
    return da @ k.Wx.T, da @ k.Wh.T, dc * gt["f"], k.x.T @ da, k.prev_h.T @ da, da.sum(0)
