# exercise: cs231n-layer-norm
import numpy as np
def layernorm_forward(x, gamma, beta, ln_param):
    rows, stats = [], []
    for v in x:
        c = v - v.mean(); s = np.sqrt((c*c).mean() + ln_param.get("eps", 1e-5))
        rows.append(c/s); stats.append(s)
    xh = np.array(rows)
    return gamma*xh+beta, (xh, np.array(stats), gamma)
def layernorm_backward(dout, cache):
    xh, stats, gamma = cache
    dx = []
    for g, h, s in zip(dout*gamma, xh, stats):
        dx.append((g - g.mean() - h*(g*h).mean())/s)
    return np.stack(dx), np.sum(dout*xh, 0), np.sum(dout, 0)
