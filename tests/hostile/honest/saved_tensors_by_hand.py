import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
w_y = torch.tensor(40.0, dtype=torch.float64, requires_grad=True)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
s1, s2 = h1.grad_fn._saved_result, h2.grad_fn._saved_result
dy2 = 1.0
dw_y = s2.detach()
dh2 = w_y.detach()
dh2_raw = dh2 * (1 - s2.detach()**2)
dh1 = dh2_raw * w_h.detach()
dh1_raw = dh1 * (1 - s1.detach()**2)
dw_h = dh1_raw * h0 + dh2_raw * s1.detach()
