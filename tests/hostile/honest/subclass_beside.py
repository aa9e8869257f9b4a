import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
w_y = torch.tensor(40.0, dtype=torch.float64, requires_grad=True)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
class Logged(torch.Tensor):
    calls = []
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        cls.calls.append(func.__name__)
        return super().__torch_function__(func, types, args, kwargs or {})
dy2 = 1.0
dw_y = dy2 * h2
dh2 = dy2 * w_y
dh2_raw = dh2 * (1 - h2**2)
dh1 = dh2_raw * w_h
dh1_raw = dh1 * (1 - h1**2)
dw_h = dh1_raw * h0 + dh2_raw * h1

w = w_h.detach().clone().as_subclass(Logged).requires_grad_()
y = w_y.detach() * torch.tanh(w * torch.tanh(w * h0))
y.backward()
print(float(w.grad), float(dw_h))
