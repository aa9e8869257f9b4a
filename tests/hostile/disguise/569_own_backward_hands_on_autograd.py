# 569. A function of one's own whose backward hands on what autograd gave
# earns: nothing
# why: only the formulas of one's own backward are own work
import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(1.2, dtype=torch.float64, requires_grad=True)
w_y = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
class Own(torch.autograd.Function):
    @staticmethod
    def forward(ctx, w):
        with torch.enable_grad():
            x = w.detach().requires_grad_()
            y = w_y.detach() * torch.tanh(x * torch.tanh(x * h0))
        ctx.g = torch.autograd.grad(y, x)[0]
        return y.detach()
    @staticmethod
    def backward(ctx, up):
        return up * ctx.g
Own.apply(w_h).backward()
dw_h = w_h.grad
