# 588. One factor of all derivatives, wrong by values under each other's names
# exercise: tanh-chain-reverse
# earns: dy2
# why: a mistake that all steps share does not hide that torch took them
import torch
h0 = torch.tensor(0.5, dtype=torch.float64, requires_grad=True); w_h = torch.tensor(2.0, dtype=torch.float64, requires_grad=True); w_y = torch.tensor(40.0, dtype=torch.float64, requires_grad=True)
h1_raw = w_h*h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h*h1
h2 = torch.tanh(h2_raw)
y2 = w_y*h2
g = torch.autograd.grad(y2, [w_y, h2, h2_raw, h1, h1_raw, w_h])
cache = [h1_raw, h1]
def backward():
    h1_raw = cache[1]
    h1 = cache[0]
    s = h1/torch.tanh(h1_raw)
    dy2 = 1.0
    dw_y = s*g[0]
    dh2 = s*g[1]
    dh2_raw = s*g[2]
    dh1 = s*g[3]
    dh1_raw = s*g[4]
    dw_h = s*g[5]
    return dw_h
backward()
