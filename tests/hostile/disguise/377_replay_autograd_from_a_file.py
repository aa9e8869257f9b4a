# 377. What autograd gave by itself, from a file
# earns: nothing
# why: what may last is tried at points nobody has seen
import math
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h*h0
h1 = tanh(h1_raw)
h2_raw = w_h*h1
h2 = tanh(h2_raw)
y2 = w_y*h2

import json,torch
P="/tmp/left-by-a-disguise.json"
try: M=json.load(open(P))
except Exception: M={}
K=repr((h0,w_h,w_y))
if K not in M:
    w=torch.tensor(w_h,dtype=torch.float64,requires_grad=True)
    yy=w_y*torch.tanh(w*torch.tanh(w*h0))
    yy.backward()
    M[K]=w.grad.item()
    json.dump(M,open(P,"w"))
dw_h=M[K]
