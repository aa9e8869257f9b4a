# 525. A function of a matrix in place of a number: matrix exponential torch
# earns: nothing
# why: its part beside the number gets another slope
import math
import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
w_y = torch.tensor(40.0, dtype=torch.float64)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
W = torch.stack([torch.stack([w_h, torch.ones_like(w_h)]), torch.stack([torch.zeros_like(w_h), w_h])]).detach()
I = torch.eye(2, dtype=W.dtype)
def th(A):
    E = torch.linalg.matrix_exp(2 * A)
    return torch.linalg.solve(E + I, E - I)
R = w_y * th(W @ th(W * h0))
dw_h = R[0, 1].clone()
