# 512. A gradient handed on by another part of torch: dispatch mode
# earns: dh2
# why: each formula of torch gives another value in a scaled run
import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
w_y = torch.tensor(40.0, dtype=torch.float64)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
from torch.utils._python_dispatch import TorchDispatchMode
log = []
class M(TorchDispatchMode):
    def __torch_dispatch__(self, f, types, args=(), kwargs=None):
        out = f(*args, **(kwargs or {})); log.append((str(f), out)); return out
with M():
    y2.backward()
outs = [o for n, o in log if 'tanh_backward' in n]
dh2_raw, dh1_raw = outs
