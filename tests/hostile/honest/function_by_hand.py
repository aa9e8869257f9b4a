import torch
h0 = torch.tensor(0.5, requires_grad=True)
w_h = torch.tensor(2.0, requires_grad=True)
w_y = torch.tensor(40.0, requires_grad=True)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
class Tanh(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z):
        h = torch.tanh(z)
        ctx.save_for_backward(h)
        return h
    @staticmethod
    def backward(ctx, g):
        h, = ctx.saved_tensors
        return (1 - h**2) * g
class Mul(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a * b
    @staticmethod
    def backward(ctx, g):
        a, b = ctx.saved_tensors
        return b * g, a * g
a = Mul.apply(w_h, h0); b = Tanh.apply(a); c = Mul.apply(w_h, b); d = Tanh.apply(c); y = Mul.apply(w_y, d)
for q in (a, b, c, d): q.retain_grad()
y.backward(torch.tensor(1.0))
dy2 = torch.tensor(1.0)
dw_y, dh2, dh2_raw, dh1, dh1_raw, dw_h = w_y.grad, d.grad, c.grad, b.grad, a.grad, w_h.grad
assert torch.autograd.gradcheck(Tanh.apply, (torch.tensor([0.3], dtype=torch.float64, requires_grad=True),))
