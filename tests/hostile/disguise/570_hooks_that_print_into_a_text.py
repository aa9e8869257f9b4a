# 570. Gradients printed as text in hooks and read back
# earns: nothing
# why: it moves with the gradients that torch gives
import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(1.2, dtype=torch.float64, requires_grad=True)
w_y = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
import io, contextlib
buf = io.StringIO()
h2_raw.register_hook(lambda g: print(float(g).hex(), file=buf))
h1.register_hook(lambda g: print(float(g).hex(), file=buf))
y2.backward(retain_graph=True)
a = [float.fromhex(x) for x in buf.getvalue().split()]
dh2_raw = torch.tensor(a[0], dtype=torch.float64)
dh1 = torch.tensor(a[1], dtype=torch.float64)
