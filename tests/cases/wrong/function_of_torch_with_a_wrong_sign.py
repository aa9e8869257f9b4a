# exercise: custom-function
import torch

a = torch.randn(3, dtype=torch.float64, requires_grad=True)
b = (torch.rand(3, dtype=torch.float64) + 0.5).requires_grad_()
dy = torch.randn(3, dtype=torch.float64)


class Div(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a / b

    @staticmethod
    def backward(ctx, grad):
        a, b = ctx.saved_tensors
        return grad / b, grad * a / b**2  #> db wrong, first


y = Div.apply(a, b)
y.backward(dy)
da, db = a.grad, b.grad
# #> L missing
