# 527. A function of a matrix in place of a number: matrix squarings
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
def ex(A, n=40):
    R = np.eye(2) + A / 2**n + A @ A / 2**(2 * n + 1)
    for _ in range(n): R = R @ R
    return R
W = np.array([[w_h, 1.0], [0.0, w_h]])
I = np.eye(2)
def th(A):
    E = ex(2 * A, 25)
    return np.linalg.solve(E + I, E - I)
dw_h = (w_y * th(W @ th(W * h0)))[0, 1]
