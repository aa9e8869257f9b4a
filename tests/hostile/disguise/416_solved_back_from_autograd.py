# 416. The last step by autograd, the earlier ones solved from it
# earns: nothing
# why: a step that was solved for is not derived if the later one was not
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
dy2_dwh = float(w.grad)
dh2_dwh = dy2_dwh / w_y
dh2raw_dwh = dh2_dwh / (1 - h2**2)
dh1_dwh = (dh2raw_dwh - h1) / w_h
dh1raw_dwh = dh1_dwh / (1 - h1**2)
