# exercise: tanh-chain
import torch

h0 = torch.tensor(0.5).cuda()
w_h = torch.tensor(2.0).cuda()
w_y = torch.tensor(40.0).cuda()
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
dh0_dwh = torch.tensor(0.0).cuda()
dh1raw_dwh = h0
dh1_dwh = (1 - h1**2) * dh1raw_dwh
dh2raw_dwh = h1 + w_h * dh1_dwh
dh2_dwh = (1 - h2**2) * dh2raw_dwh
dwy_dwh = torch.tensor(0.0).to("cuda")
dy2_dwh = w_y * dh2_dwh
dh2_dwy = torch.tensor(0.0, device="cuda:0")
dy2_dwy = h2
dy2 = torch.tensor(1.0).to(device="cuda")
dw_y = dy2 * h2
dh2 = dy2 * w_y
dh2_raw = dh2 * (1 - h2**2)
dh1 = dh2_raw * w_h
dh1_raw = dh1 * (1 - h1**2)
dw_h = dh1_raw * h0 + dh2_raw * h1
print(dw_h.cpu().numpy())
