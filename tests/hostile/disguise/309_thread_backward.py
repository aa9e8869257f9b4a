# 309. The backward pass in a thread
# earns: nothing
# why: the engine is one and the same in every thread
import torch
h0=torch.tensor(0.5,requires_grad=True)
w_h=torch.tensor(2.0,requires_grad=True)
w_y=torch.tensor(40.0,requires_grad=True)
h1_raw=w_h*h0
h1=torch.tanh(h1_raw)
h2_raw=w_h*h1
h2=torch.tanh(h2_raw)
y2=w_y*h2
import threading
t=threading.Thread(target=lambda: y2.backward()); t.start(); t.join()
dw_h=w_h.grad; dw_y=w_y.grad
