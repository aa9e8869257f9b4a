# 419. Gradient by its norm
# earns: nothing
# why: the gradient itself is multiplied
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
w = torch.tensor(w_h, requires_grad=True)
(w_y * torch.tanh(w * torch.tanh(w * h0))).backward()
dw_h = float(torch.nn.utils.clip_grad_norm_([w], 1e9))
