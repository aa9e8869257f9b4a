# 426. Two objects of a network, each with a shifted weight
# earns: nothing
# why: what is computed from shifted values gets another slope
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
class Net:
    def __init__(self, w): self.w = w
    def run(self):
        self.a = math.tanh(self.w * h0)
        self.b = math.tanh(self.w * self.a)
        return w_y * self.b
up, down = Net(w_h + 1e-5), Net(w_h - 1e-5)
dw_h = (up.run() - down.run()) / 2e-5
dh2_dwh = (up.b - down.b) / 2e-5
dh1_dwh = (up.a - down.a) / 2e-5
