import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
class Tanh:
    def forward(self, x): self.y = math.tanh(x); return self.y
    def backward(self, g): return g * (1 - self.y**2)
class Mul:
    def forward(self, a, b): self.a, self.b = a, b; return a * b
    def backward(self, g): return g * self.b, g * self.a
m1, t1, m2, t2, m3 = Mul(), Tanh(), Mul(), Tanh(), Mul()
y = m3.forward(w_y, t2.forward(m2.forward(w_h, t1.forward(m1.forward(w_h, h0)))))
dy2 = 1.0
dw_y, dh2 = m3.backward(dy2)
dh2_raw = t2.backward(dh2)
g2, dh1 = m2.backward(dh2_raw)
dh1_raw = t1.backward(dh1)
g1, _ = m1.backward(dh1_raw)
dw_h = g1 + g2
eps = 1e-5
up = Mul().forward(w_y, Tanh().forward(Mul().forward(w_h + eps, Tanh().forward(Mul().forward(w_h + eps, h0)))))
print((up - y) / eps)
