import torch
h0 = torch.tensor(0.5, requires_grad=True)
w_h = torch.tensor(2.0, requires_grad=True)
w_y = torch.tensor(40.0, requires_grad=True)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
def source(n):
    return "def f(a: Tensor, b: Tensor):\n    return (1 - a**2) * b\n"
cu = torch.jit.CompilationUnit(source(1))
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = cu.f(h2, dh2)
dh1 = w_h * dh2_raw
dh1_raw = cu.f(h1, dh1)
dw_h = h1 * dh2_raw + h0 * dh1_raw
