# exercise: tanh-chain-reverse
# Saved tensors are unpacked in another order than they were saved in.
# #> dh1 carried by dh2_raw #> dh1_raw carried by dh2_raw #> dw_h carried

import torch
class Tanh(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = torch.tanh(x)
        ctx.save_for_backward(x, y)
        return y
    @staticmethod
    def backward(ctx, dy):
        y, x = ctx.saved_tensors  #> dh2_raw wrong, first; unnamed; put x, y
        return dy * (1 - y**2)
class Mul(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a * b
    @staticmethod
    def backward(ctx, dout):
        a, b = ctx.saved_tensors
        return dout * b, dout * a
h0 = torch.tensor(0.5, requires_grad=True)
w_h = torch.tensor(2.0, requires_grad=True)
w_y = torch.tensor(40.0, requires_grad=True)
h1_raw = Mul.apply(w_h, h0)
h1 = Tanh.apply(h1_raw)
h2_raw = Mul.apply(w_h, h1)
h2 = Tanh.apply(h2_raw)
y2 = Mul.apply(w_y, h2)
for t in (h1_raw, h1, h2_raw, h2, y2):
    t.retain_grad()
y2.backward()
dy2, dw_y, dh2, dh2_raw = y2.grad, w_y.grad, h2.grad, h2_raw.grad
dh1, dh1_raw, dw_h = h1.grad, h1_raw.grad, w_h.grad
