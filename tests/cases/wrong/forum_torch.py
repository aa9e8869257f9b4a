# The forum case, with torch as its poster wrote it: autograd says 8.1888, both derivations by hand -40.2153.
# The poster's own comparison with autograd at the end changes nothing.

import torch

H0 = torch.tensor(0.5)
W_h = torch.tensor(2.0, requires_grad=True)
W_y = torch.tensor(40.0, requires_grad=True)

H1_raw = W_h * H0
H1 = torch.tanh(H1_raw)
H2_raw = W_h * H1
H2 = torch.tanh(H2_raw)
Y2 = W_y * H2
Y2.backward()

h0 = 0.5
w_h = 2.0
w_y = 40.0

h1_raw = w_h * h0
h1 = torch.tanh(torch.tensor(h1_raw)).item()
h2_raw = w_h * h1
h2 = torch.tanh(torch.tensor(h2_raw)).item()
y2 = w_y * h2

# analytic, forwards
dh0_dwh = 0
dh1raw_dwh = h0 + w_h * dh0_dwh
dh1_dwh = (1 - h1_raw**2) * dh1raw_dwh  #> dh1_dwh wrong, first
dh2raw_dwh = h1 + w_h * dh1_dwh  #> dh2raw_dwh carried by dh1_dwh
dh2_dwh = (1 - h2_raw**2) * dh2raw_dwh  #> dh2_dwh wrong
dwy_dwh = 0
dy2_dwh = dwy_dwh * h2 + w_y * dh2_dwh  #> dy2_dwh carried by dh2_dwh
dh2_dwy = 0
dy2_dwy = h2 + w_y * dh2_dwy

# backwards over the graph
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = (1 - h2_raw**2) * dh2  #> dh2_raw wrong
dh1 = w_h * dh2_raw  #> dh1 carried by dh2_raw
dh1_raw = (1 - h1_raw**2) * dh1  #> dh1_raw wrong
dw_h = h1 * dh2_raw + h0 * dh1_raw  #> dw_h carried by dh2_raw, dh1_raw

print(W_h.grad, "<>", dy2_dwh, "<>", dw_h)
print(W_y.grad, "<>", dy2_dwy, "<>", dw_y)
