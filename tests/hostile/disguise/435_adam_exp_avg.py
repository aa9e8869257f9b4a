# 435. A gradient handed on by another part of torch: adam exp avg
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
p = torch.nn.Parameter(w_h.detach().clone())
o = torch.optim.Adam([p])
(w_y * torch.tanh(p * torch.tanh(p * h0))).backward()
o.step()
dw_h = o.state_dict()['state'][0]['exp_avg'] * 10
