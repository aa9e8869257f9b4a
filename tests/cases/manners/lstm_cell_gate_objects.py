# exercise: lstm-cell
import torch
torch.manual_seed(11)
torch.set_default_dtype(torch.float64)
x, h_prev, c_prev = torch.randn(3, 5), torch.rand(3, 4), torch.randn(3, 4)
u_h, u_c = torch.randn(3, 4), torch.randn(3, 4)
class Gate:
    def __init__(self, name, squash, slope):
        self.name, self.squash, self.slope = name, squash, slope
        self.W, self.b = torch.randn(9, 4) * .4, torch.randn(4) * .4
    def __call__(self, q):
        self.a = q @ self.W + self.b
        self.value = self.squash(self.a)
        return self.value
    def back(self, d, q):
        self.d = d
        self.da = d * self.slope(self.value)
        self.dW, self.db = q.T @ self.da, self.da.sum(0)
        return self.da @ self.W.T
logistic = lambda s: s * (1 - s)
gi, gf, go = (Gate(n, torch.sigmoid, logistic) for n in "ifo")
gg = Gate("g", torch.tanh, lambda t: 1 - t ** 2)
W_i, W_f, W_o, W_g = gi.W, gf.W, go.W, gg.W
b_i, b_f, b_o, b_g = gi.b, gf.b, go.b, gg.b
q = torch.cat((h_prev, x), dim=1)
i, f, o, g = (gate(q) for gate in (gi, gf, go, gg))
c = f * c_prev + i * g
s = torch.tanh(c)
h = o * s
L = (u_h * h).sum() + (u_c * c).sum()
ds, do = u_h * o, u_h * s
dc = u_c + ds * (1 - s ** 2)
df, dc_prev, di, dg = dc * c_prev, dc * f, dc * g, dc * i
dq = sum(gate.back(d, q) for gate, d in ((gi, di), (gf, df), (go, do), (gg, dg)))
da_i, da_f, da_o, da_g = gi.da, gf.da, go.da, gg.da
dW_i, dW_f, dW_o, dW_g = gi.dW, gf.dW, go.dW, gg.dW
db_i, db_f, db_o, db_g = gi.db, gf.db, go.db, gg.db
dh_prev, dx = dq[:, :4], dq[:, 4:]
