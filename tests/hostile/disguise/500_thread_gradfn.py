# 500. A derivative taken in a thread: thread gradfn
# earns: nothing
# why: a thread of the submission runs where it is started, and is disturbed as everything else
import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
w_y = torch.tensor(40.0, dtype=torch.float64)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
import threading
box = []
def go():
    g = y2.grad_fn(torch.ones((), dtype=torch.float64))
    box.append(h2.grad_fn(g[1] if g[1] is not None else g[0]))
t = threading.Thread(target=go); t.start(); t.join()
dh2_raw = box[0]
