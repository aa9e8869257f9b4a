# exercise: softmax-cross-entropy
# #> dcounts carried by dW
# #> dnorm_logits carried by dW
# #> dlogit_maxes carried by dW
# #> dlogits carried by dW
import numpy as np

x, W, b, y = np.random.randn(5, 4), np.random.rand(4, 3), np.random.rand(3), np.array([2, 0, 1, 1, 0])
N, I = len(y), np.arange(5)
l = x @ W + b
mx = l.max(1, keepdims=True)
nl = l - mx
c = np.exp(nl)
cs = c.sum(1, keepdims=True)
csi = cs**-1
p = c * csi
lp = np.log(p)
L = -lp[I, y].mean()
dlp = np.zeros((N, 3))
dlp[I, y] = -1 / N
dp = dlp / p
dcsi = (dp * c).sum(1, keepdims=True)
dcs = -dcsi * csi**2
dc = dp * csi - dcs  #> dW wrong, first
dnl = dc * c
dmx = -dnl.sum(1, keepdims=True)
dl = dnl.copy()
dl[I, l.argmax(1)] += dmx[:, 0]
dW = x.T @ dl
db = dl.sum(0)  #> db carried by dW
dx = dl @ W.T  #> dx carried by dW
