# exercise: tanh-chain-forward
# What does not depend on a weight is given a slope of 1, and the slope of tanh is 1 - tanh.

import torch

h0 = torch.tensor(0.5)
w_h = torch.tensor(2.0)
w_y = torch.tensor(40.0)

h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2

dh0_dwh = torch.tensor(0.0)
dh1raw_dwh = h0 + w_h * dh0_dwh
dh1_dwh = (1 - h1) * dh1raw_dwh  #> dh1_dwh wrong, first; code tanh-derivative-square-missing
dh2raw_dwh = h1 + w_h * dh1_dwh  #> dh2raw_dwh carried by dh1_dwh
dh2_dwh = (1 - h2) * dh2raw_dwh  #> dh2_dwh wrong; code tanh-derivative-square-missing
dwy_dwh = torch.tensor(1.0)  #> dwy_dwh wrong
dy2_dwh = dwy_dwh * h2 + w_y * dh2_dwh  #> dy2_dwh carried by dwy_dwh, dh2_dwh
dh2_dwy = torch.tensor(0.0)
dy2_dwy = h2 + w_y * dh2_dwy
