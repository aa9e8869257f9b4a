# 605. A quotient in the text of a script module
# earns: nothing
# why: TorchScript from text is carried out as Python where functions get other slopes
import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(2.0, dtype=torch.float64)
w_y = torch.tensor(40.0, dtype=torch.float64)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
m = torch.jit.ScriptModule()
m.define("""
def forward(self, w: Tensor, h: Tensor, v: Tensor):
    a = v * torch.tanh((w + 1e-5) * torch.tanh((w + 1e-5) * h))
    b = v * torch.tanh((w - 1e-5) * torch.tanh((w - 1e-5) * h))
    return (a - b) / 2e-5
""")
dw_h = m(w_h, h0, w_y)
