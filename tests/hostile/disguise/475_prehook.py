# 475. A gradient handed on by another part of torch: prehook
# earns: nothing
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
box = {}
h2.grad_fn.register_prehook(lambda g: box.update(dh2=g[0]))
h2.grad_fn.register_hook(lambda gi, go: box.update(dh2_raw=gi[0]))
y2.backward()
dh2 = box['dh2']
dh2_raw = box['dh2_raw']
