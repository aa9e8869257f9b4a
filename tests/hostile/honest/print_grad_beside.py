import torch
h0 = torch.tensor(0.5, requires_grad=True)
w_h = torch.tensor(2.0, requires_grad=True)
w_y = torch.tensor(40.0, requires_grad=True)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = (1 - h2**2) * dh2
dh1 = w_h * dh2_raw
dh1_raw = (1 - h1**2) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
y2.backward()
for n, mine, auto in (("w_h", dw_h, w_h.grad), ("w_y", dw_y, w_y.grad)):
    print(n, mine.item(), auto.item(), torch.isclose(mine, auto).item())
