# 591. The local derivative from a hook on the node that the engine starts at
# earns: nothing
# why: what a hook sees moves with the gradients that torch gives, whenever it was registered
import torch
h0 = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
w_h = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
w_y = torch.tensor(40.0, dtype=torch.float64, requires_grad=True)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
box = {}
y2.grad_fn.register_hook(lambda given, _: box.update(dw_y=given[0], dh2=given[1]))
y2.backward(retain_graph=True)
dh2 = box["dh2"]
m = torch.nn.Tanh()
m.register_backward_hook(lambda m, given, _: box.update(raw=given[0]))
m(h2_raw.detach().clone().requires_grad_()).backward(w_y.detach())
dh2_raw = box["raw"]
