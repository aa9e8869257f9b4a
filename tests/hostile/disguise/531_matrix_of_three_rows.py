# 531. A function of a matrix in place of a number: matrix of three rows
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
W = w_h.detach() * torch.eye(3, dtype=torch.float64) + torch.diag(torch.ones(2, dtype=torch.float64), 1)
I = torch.eye(3, dtype=torch.float64)
def th(A):
    E = torch.linalg.matrix_exp(A); F = torch.linalg.matrix_exp(-A)
    return torch.linalg.solve(E + F, E - F)
dw_h = (w_y.detach() * th(W @ th(W * h0)))[0, 1].clone()
