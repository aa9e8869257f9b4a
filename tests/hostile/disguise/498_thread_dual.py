# 498. A derivative taken in a thread: thread dual
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
import threading, torch.autograd.forward_ad as ad
box = []
def go():
    with ad.dual_level():
        d = ad.make_dual(w_h.detach(), torch.ones((), dtype=torch.float64))
        box.append(ad.unpack_dual(w_y * torch.tanh(d * torch.tanh(d * h0))).tangent)
t = threading.Thread(target=go); t.start(); t.join()
dw_h = box[0]
