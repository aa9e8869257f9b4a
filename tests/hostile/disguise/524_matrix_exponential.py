# 524. A function of a matrix in place of a number: matrix exponential
# earns: nothing
# why: its part beside the number gets another slope
import math
import numpy as np
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = np.tanh(h1_raw)
h2_raw = w_h * h1
h2 = np.tanh(h2_raw)
y2 = w_y * h2
import torch
def ex(A): return torch.matrix_exp(torch.tensor(A)).numpy()
def th(A):
    E = ex(2 * A); I = np.eye(2)
    return np.linalg.solve(E + I, E - I)
W = np.array([[w_h, 1.0], [0.0, w_h]])
R = w_y * th(W @ th(W * h0))
dw_h = R[0, 1]
