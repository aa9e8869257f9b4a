# 606. A quotient in the inner form of TorchScript
# earns: nothing
# why: in one run nothing is carried out of which the grader sees nothing, and what is missing then is not judged
import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(2.0, dtype=torch.float64)
w_y = torch.tensor(40.0, dtype=torch.float64)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
g = torch._C.parse_ir("""
graph(%w : Tensor, %h : Tensor, %v : Tensor):
  %one : int = prim::Constant[value=1]()
  %e : float = prim::Constant[value=1e-05]()
  %t : float = prim::Constant[value=2e-05]()
  %a : Tensor = aten::add(%w, %e, %one)
  %b : Tensor = aten::sub(%w, %e, %one)
  %a1 : Tensor = aten::mul(%a, %h)
  %a2 : Tensor = aten::tanh(%a1)
  %a3 : Tensor = aten::mul(%a, %a2)
  %a4 : Tensor = aten::tanh(%a3)
  %b1 : Tensor = aten::mul(%b, %h)
  %b2 : Tensor = aten::tanh(%b1)
  %b3 : Tensor = aten::mul(%b, %b2)
  %b4 : Tensor = aten::tanh(%b3)
  %d : Tensor = aten::sub(%a4, %b4, %one)
  %q : Tensor = aten::div(%d, %t)
  %r : Tensor = aten::mul(%q, %v)
  return (%r)
""")
f = torch._C._create_function_from_graph("f", g)
dw_h = f(w_h, h0, w_y)
