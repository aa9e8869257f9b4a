# 438. A slope from function values, by another route: dataclass replace
# earns: nothing
# why: the function has another slope in one run, whatever evaluates it
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
from dataclasses import dataclass, replace
@dataclass(frozen=True)
class Net:
    w: float
    def y(self): return w_y * math.tanh(self.w * math.tanh(self.w * h0))
net = Net(w_h)
dw_h = (replace(net, w=net.w + 1e-6).y() - replace(net, w=net.w - 1e-6).y()) / 2e-6
