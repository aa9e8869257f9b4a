import torch
h0 = torch.tensor(0.5, requires_grad=True)
w_h = torch.tensor(2.0, requires_grad=True)
w_y = torch.tensor(40.0, requires_grad=True)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = (1 - h2**2) * dh2
dh1 = w_h * dh2_raw
dh1_raw = (1 - h1**2) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
node = y2.grad_fn
while node is not None and node.next_functions:
    print(node.name(), [getattr(n, "name", lambda: "-")() for n, _ in node.next_functions])
    node = node.next_functions[-1][0]
a = y2.grad_fn(torch.tensor(1.0))
print(a[0] - dw_y, a[1] - dh2)
