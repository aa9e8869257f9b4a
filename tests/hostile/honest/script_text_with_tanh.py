import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(2.0, dtype=torch.float64)
w_y = torch.tensor(40.0, dtype=torch.float64)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
cu = torch.jit.CompilationUnit("""
def slope(x: Tensor) -> Tensor:
    y = torch.tanh(x)
    return 1.0 - y**2

def back(x: Tensor, g: Tensor, times: int = 1) -> Tensor:
    for _ in range(times):
        g = slope(x) * g
    return g
""")
eps = 1e-8
dy2 = torch.ones(())
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = cu.back(h2_raw, dh2)
dh1 = w_h * dh2_raw
dh1_raw = cu.back(h1_raw, dh1)
dw_h = h1 * dh2_raw + h0 * dh1_raw
