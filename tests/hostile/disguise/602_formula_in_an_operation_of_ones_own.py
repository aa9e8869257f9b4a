# 602. A formula of torch in an operation of one's own
# earns: nothing
# why: each formula of torch gives another value in a scaled run, also where it writes into a buffer, or is called below the modes
import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(2.0, dtype=torch.float64)
w_y = torch.tensor(40.0, dtype=torch.float64)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
lib = torch.library.Library("mine", "DEF")
lib.define("t(Tensor g, Tensor y) -> Tensor")
lib.impl("t", lambda g, y: torch.ops.aten.tanh_backward(g, y), "CompositeExplicitAutograd")
dh2_raw = torch.ops.mine.t(w_y, h2)
