# 530. A function of a matrix in place of a number: matrix companion
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
def th(A):
    E = torch.matrix_exp(2 * torch.tensor(A)).numpy(); I = np.eye(2)
    return (E - I) @ np.linalg.inv(E + I)
W = np.array([[0.0, 1.0], [-w_h * w_h, 2 * w_h]])
R = w_y * th(W @ th(W * h0))
dw_h = R[0, 1]
