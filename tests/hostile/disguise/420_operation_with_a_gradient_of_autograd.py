# 420. Operation of one's own whose gradient is autograd's
# earns: nothing
# why: torch's formulas inside it are multiplied
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import torch
@torch.library.custom_op("mine::act", mutates_args=())
def act(x: torch.Tensor) -> torch.Tensor:
    return torch.tanh(x)
def back(ctx, g):
    with torch.enable_grad():
        y = ctx.x.detach().requires_grad_()
        return torch.autograd.grad(torch.tanh(y), y, g)[0]
def setup(ctx, inputs, output):
    ctx.x = inputs[0]
act.register_autograd(back, setup_context=setup)
z = torch.tensor(h2_raw, dtype=torch.float64, requires_grad=True)
(w_y * act(z)).backward()
dh2_raw = float(z.grad)
