# 485. A shift by another function: shift lerp
# earns: nothing
# why: a function of shifted values has another slope, whatever makes the shift
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import torch

def f(w): return w_y * math.tanh(w * math.tanh(w * h0))
w1 = float(torch.lerp(torch.tensor(w_h).double(), torch.tensor(w_y).double(), 1e-8))
dw_h = (f(w1) - f(w_h)) / (w1 - w_h)
