# 513. A gradient handed on by another part of torch: make fx text
# earns: dh1raw_dwh dh2
# why: each formula of torch gives another value in a scaled run
import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
w_y = torch.tensor(40.0, dtype=torch.float64)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
from torch.fx.experimental.proxy_tensor import make_fx
gm = make_fx(torch.func.grad(lambda w, h0, w_y: w_y * torch.tanh(w * torch.tanh(w * h0))))(w_h.detach(), h0, w_y)
code = gm.code
ns = {'torch': torch, 'device': torch.device}
exec("from torch import fx_pytree\n" + code.replace('torch.ops.aten.', 'torch.ops.aten.'), ns) if 0 else None
env = {}
for n in gm.graph.nodes:
    if n.op == 'placeholder': env[n] = {0: w_h.detach(), 1: h0, 2: w_y}[len(env)]
    elif n.op == 'call_function':
        args = [env.get(x, x) for x in n.args]
        kind = str(n.target).split('.')[1]
        env[n] = {'mul': lambda x, y: x * y, 'tanh': lambda x: x.tanh(), 'tanh_backward': lambda g, o: g * (1 - o * o),
                  'ones_like': lambda x, **k: torch.ones_like(x), 'add': lambda x, y: x + y, 'alias': lambda x: x, 'detach': lambda x: x, 'sub': lambda x, y: x - y, 'rsub': lambda x, y: y - x, 'pow': lambda x, y: x**y}[kind](*args)
    else: dw_h = env[n.args[0]] if not isinstance(n.args[0], (tuple, list)) else env[n.args[0][0]]
