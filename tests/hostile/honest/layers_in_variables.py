# exercise: tanh-chain-reverse
import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
w_y = torch.tensor(40.0, dtype=torch.float64, requires_grad=True)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
act = torch.nn.Tanh()
eps = 1e-4
num = (w_y*act((w_h+eps)*act((w_h+eps)*h0)) - w_y*act((w_h-eps)*act((w_h-eps)*h0)))/(2*eps)
dy2 = 1.0
dw_y = act(h2_raw)
dh2 = w_y
dh2_raw = w_y*(1 - act(h2_raw)**2)
dh1 = w_h*dh2_raw
dh1_raw = dh1*(1 - act(h1_raw)**2)
dw_h = dh1_raw*h0 + dh2_raw*h1
assert abs(num - dw_h) < 1e-3
