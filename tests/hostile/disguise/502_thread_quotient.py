# 502. A derivative taken in a thread: thread quotient
# earns: nothing
# why: a thread of the submission runs where it is started, and is disturbed as everything else
import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
w_y = torch.tensor(40.0, dtype=torch.float64)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
from concurrent.futures import ThreadPoolExecutor
import math
def f(w): return 40.0 * 0 + w_y.item() * math.tanh(w * math.tanh(w * h0.item()))
v = w_h.item()
with ThreadPoolExecutor() as pool:
    up, down = pool.map(f, [v + 1e-6, v - 1e-6])
dw_h = (up - down) / 2e-6
