import math
class Value:
    def __init__(self, data, parents=()):
        self.data = data; self.grad = 0.0; self.parents = parents
    def __mul__(self, o): return Value(self.data*o.data, ((self, o.data), (o, self.data)))
    def tanh(self):
        t = math.tanh(self.data); return Value(t, ((self, 1-t*t),))
    def back(self, g=1.0):
        self.grad += g
        for p, l in self.parents: p.back(g*l)
h0 = Value(0.5); w_h = Value(2.0); w_y = Value(40.0)
h1_raw = w_h*h0
h1 = h1_raw.tanh()
h2_raw = w_h*h1
h2 = h2_raw.tanh()
y2 = w_y*h2
y2.back()
dy2 = y2.grad; dw_y = w_y.grad; dh2 = h2.grad; dh2_raw = h2_raw.grad; dh1 = h1.grad; dh1_raw = h1_raw.grad; dw_h = w_h.grad
h0, w_h, w_y, h1_raw, h1, h2_raw, h2, y2 = (v.data for v in (h0, w_h, w_y, h1_raw, h1, h2_raw, h2, y2))
dh0_dwh = 0.0
dh1raw_dwh = h0 + w_h * dh0_dwh
dh1_dwh = (1 - h1**2) * dh1raw_dwh
dh2raw_dwh = h1 + w_h * dh1_dwh
dh2_dwh = (1 - h2**2) * dh2raw_dwh
dwy_dwh = 0.0
dy2_dwh = dwy_dwh * h2 + w_y * dh2_dwh
dh2_dwy = 0.0
dy2_dwy = h2 + w_y * dh2_dwy

