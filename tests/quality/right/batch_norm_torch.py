# exercise: retold-batch-norm
import torch

n = 6
x = torch.randn(n, 3)
gain = torch.randn(1, 3)
bias = torch.randn(1, 3)
G = torch.randn(n, 3)

mean = x.sum(0, keepdim=True) / n
diff = x - mean
diff2 = diff**2
var = diff2.sum(0, keepdim=True) / (n - 1)
inv = (var + 1e-5) ** -0.5
raw = diff * inv
pre = gain * raw + bias
h = torch.tanh(pre)
loss = (h * G).sum()

dh = G
dpre = (1.0 - h**2) * dh
dgain = (raw * dpre).sum(0, keepdim=True)
dbias = dpre.sum(0, keepdim=True)
draw = gain * dpre
dinv = (diff * draw).sum(0, keepdim=True)
dvar = -0.5 * (var + 1e-5) ** -1.5 * dinv
ddiff2 = torch.ones_like(diff2) * dvar / (n - 1)
ddiff = inv * draw
ddiff += 2 * diff * ddiff2
dmean = (-ddiff).sum(0, keepdim=True)
dx = ddiff.clone()
dx += torch.ones_like(x) * dmean / n
