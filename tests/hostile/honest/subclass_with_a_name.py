import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
w_y = torch.tensor(40.0, dtype=torch.float64, requires_grad=True)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
class Named(torch.Tensor):
    @staticmethod
    def __new__(cls, x, name=''):
        t = torch.Tensor._make_subclass(cls, x.detach())
        t.name_ = name
        return t
h1, h2 = Named(h1, 'h1'), Named(h2, 'h2')
w_h, w_y, h0 = w_h.detach(), w_y.detach(), h0.detach()
dy2 = 1.0
dw_y = dy2 * h2
dh2 = dy2 * w_y
dh2_raw = dh2 * (1 - h2**2)
dh1 = dh2_raw * w_h
dh1_raw = dh1 * (1 - h1**2)
dw_h = dh1_raw * h0 + dh2_raw * h1
