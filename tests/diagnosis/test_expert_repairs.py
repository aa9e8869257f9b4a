"""Kinds of mistakes in functions, lists, classes and loops, and the repairs that an expert would write for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.warm import check

LAMBDAS = """import numpy as np

rng = np.random.default_rng(0)
X = rng.normal(size=(5, 3))
y = np.array([0, 1, 1, 0, 1])
W1 = rng.uniform(-1, 1, size=(3, 4))
b1 = rng.uniform(-0.5, 0.5, size=4)
W2 = rng.uniform(-1, 1, size=(4, 2))
b2 = rng.uniform(-0.5, 0.5, size=2)
reg = 0.1
n = len(y)
affine = lambda x, w, b: x @ w + b
decayed = lambda g, w: g + reg * w
col_sum = lambda d: d.sum(axis=0)
tanh_back = lambda d, out: d * (1 - out**2)

Z = affine(X, W1, b1)
H = np.tanh(Z)
logits = affine(H, W2, b2)
e = np.exp(logits - logits.max(axis=1, keepdims=True))
P = e / e.sum(axis=1, keepdims=True)
nll = -np.log(P[np.arange(n), y]).mean()
decay = 0.5 * reg * (np.sum(W1**2) + np.sum(W2**2))
loss = nll + decay

def scaled(d):
    return d / n

onehot = np.eye(2)[y]
dlogits = scaled(P - onehot)
dW2 = decayed(H.T @ dlogits, W2)
db2 = col_sum(dlogits)
dH = dlogits @ W2.T
dZ = tanh_back(dH, H)
dW1 = decayed(X.T @ dZ, W1)
db1 = col_sum(dZ)
dX = dZ @ W1.T
"""

LISTS = """from math import exp, log

X = [[0.5, -1.2, 0.8], [1.5, 0.3, -0.7], [-0.6, 0.9, 1.1], [-1.4, -0.5, 0.4], [0.7, 1.3, -0.9]]
w = [0.8, -0.6, 0.3]
b = 0.2
y = [1, 0, 1, 0, 0]
n = len(X)
z = [sum(xj * wj for xj, wj in zip(row, w)) + b for row in X]
p = [1 / (1 + exp(-v)) for v in z]
nll = [-(t * log(q) + (1 - t) * log(1 - q)) for t, q in zip(y, p)]
loss = sum(nll) / n

dnll = [1 / n] * n
dp = [g * (q - t) / (q * (1 - q)) for g, q, t in zip(dnll, p, y)]
dz = [g * q * (1 - q) for g, q in zip(dp, p)]
dw = [0.0] * len(w)
db = 0.0
for i, row in enumerate(X):
    for j, xj in enumerate(row):
        dw[j] += dz[i] * xj
    db += dz[i]
"""

LAYERS = """import numpy as np

X = np.random.randn(4, 3)
W1 = np.random.randn(3, 5)
b1 = np.random.randn(5)
W2 = np.random.randn(5, 2)
b2 = np.random.randn(2)
Y = np.random.randn(4, 2)


class Linear:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def __call__(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad):
        self.dW = self.x.T @ grad
        self.db = grad.sum(axis=0)
        return grad @ self.W.T


class ReLU:
    def __call__(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, grad):
        return grad * self.mask


first, act, second = Linear(W1, b1), ReLU(), Linear(W2, b2)
Z1 = first(X)
H = act(Z1)
O = second(H)
E = O - Y
loss = np.sum(E ** 2) / len(X)

dE = 2 * E / len(X)
dO = dE
dH = second.backward(dO)
dZ1 = act.backward(dH)
first.backward(dZ1)
mask = act.mask
dW2, db2 = second.dW, second.db
dW1, db1 = first.dW, first.db
"""

SOFTMAX = """import numpy as np


def softmax_loss(x, y):
    shifted = x - np.max(x, axis=1, keepdims=True)
    probs = np.exp(shifted)
    probs /= np.sum(probs, axis=1, keepdims=True)
    N = x.shape[0]
    loss = -np.sum(np.log(probs[np.arange(N), y])) / N
    dx = probs.copy()
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx
"""

HESSIAN = """import numpy as np

X = np.array([[0.5, -1.2, 0.8], [1.5, 0.3, -0.7], [-0.6, 0.9, 1.1], [-1.4, -0.5, 0.4], [0.7, 1.3, -0.9], [0.1, 1, -1]])
w = np.array([0.8, -0.6, 0.3])
y = np.array([1.0, 0.0, 1.0, 0.0, 0.0, 1.0])
lam = 0.1
N, D = X.shape
z = np.array([sum(X[i, j] * w[j] for j in range(D)) for i in range(N)])
p = 1 / (1 + np.exp(-z))
J = -sum(y[i] * np.log(p[i]) + (1 - y[i]) * np.log(1 - p[i]) for i in range(N)) / N + lam / 2 * sum(w**2)

dz = [(p[i] - y[i]) / N for i in range(N)]
g = np.zeros(D)
for j in range(D):
    g[j] = sum(X[i, j] * dz[i] for i in range(N)) + lam * w[j]
s = np.array([p_i * (1 - p_i) for p_i in p])
H = np.zeros((D, D))
for i in range(N):
    for j in range(D):
        for k in range(D):
            H[j, k] += s[i] * X[i, j] * X[i, k] / N
for j in range(D):
    H[j, j] += lam
step = np.linalg.solve(H, -g)
"""

GELU = """import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(5, 4))
W1 = rng.uniform(-0.8, 0.8, size=(4, 6))
b1 = rng.uniform(-0.5, 0.5, size=6)
W2 = rng.normal(size=(6, 3))
b2 = rng.uniform(-0.5, 0.5, size=3)
y = rng.normal(size=(5, 3))
c = np.sqrt(2 / np.pi)


def gelu(a):
    u = c * (a + 0.044715 * a**3)
    return 0.5 * a * (1 + np.tanh(u))


def gelu_grad(a):
    u = c * (a + 0.044715 * a**3)
    t = np.tanh(u)
    return 0.5 * (1 + t) + 0.5 * a * (1 - t**2) * c * (1 + 3 * 0.044715 * a**2)


a = x @ W1 + b1
u = c * (a + 0.044715 * a**3)
t = np.tanh(u)
h = gelu(a)
out = h @ W2 + b2
loss = np.mean((out - y) ** 2)

N, M = y.shape
dout = 2 / (N * M) * (out - y)
dW2 = np.zeros_like(W2)
db2 = np.zeros_like(b2)
rows = []
for n in range(N):
    dW2 += h[n][:, None] * dout[n][None, :]
    db2 += dout[n]
    rows.append(W2 @ dout[n])
dh = np.array(rows)
dt = dh * a / 2
du = dt * (1 - t**2)
da = dh * gelu_grad(a)
dW1, db1 = x.T @ da, da.sum(0)
dx = np.array([W1 @ row for row in da])
"""

GRU = """import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(3, 5))
h_prev = rng.uniform(-1, 1, (3, 4))
W_z, W_r, W_n = rng.uniform(-0.8, 0.8, (3, 5, 4))
U_z, U_r, U_n = rng.uniform(-0.8, 0.8, (3, 4, 4))
b_z, b_r, b_n = rng.uniform(-0.5, 0.5, (3, 4))
u = rng.normal(size=(3, 4))


def sig(v):
    return 1 / (1 + np.exp(-v))


def affine_back(d, inp):
    return inp.T @ d, d.sum(axis=0)


a_z = x @ W_z + h_prev @ U_z + b_z
z = sig(a_z)
a_r = x @ W_r + h_prev @ U_r + b_r
r = sig(a_r)
m = r * h_prev
a_n = x @ W_n + m @ U_n + b_n
n = np.tanh(a_n)
h = (1 - z) * n + z * h_prev
L = np.sum(u * h)

dn = u * (1 - z)
dz = u * (h_prev - n)
dh_prev = u * z
da_n = dn * (1 - n * n)
dW_n, db_n = affine_back(da_n, x)
dU_n, _ = affine_back(da_n, m)
dm = da_n @ U_n.T
dr = dm * h_prev
dh_prev += dm * r
da_z = dz * z * (1 - z)
da_r = dr * r * (1 - r)
dW_z, db_z = affine_back(da_z, x)
dU_z, _ = affine_back(da_z, h_prev)
dW_r, db_r = affine_back(da_r, x)
dU_r, _ = affine_back(da_r, h_prev)
dx = sum(d @ W.T for d, W in zip((da_z, da_r, da_n), (W_z, W_r, W_n)))
for d, U in ((da_z, U_z), (da_r, U_r)):
    dh_prev = dh_prev + d @ U.T
"""

ATTENTION = """import numpy as np

x = np.random.randn(4, 6)
memory = np.random.randn(5, 7)
Wq = np.random.randn(6, 3) * 0.5
Wk = np.random.randn(7, 3) * 0.5
Wv = np.random.randn(7, 2)
dout = np.random.randn(4, 2)


def softmax(s):
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_backward(dp, p):
    inner = (dp * p).sum(axis=-1, keepdims=True)
    return p * (dp - inner)


def linear_backward(d, inp, w):
    dinp = d @ w.T
    dw = inp.T @ d
    return dinp, dw


q, k, v = x @ Wq, memory @ Wk, memory @ Wv
d_k = q.shape[1]
scale = 1 / np.sqrt(d_k)
scores = scale * (q @ k.T)
weights = softmax(scores)
out = weights @ v
loss = np.sum(dout * out)

dweights, dv = dout @ v.T, weights.T @ dout
dscores = softmax_backward(dweights, weights)
dq = scale * np.einsum("ij,jc->ic", dscores, k)
dk = scale * np.einsum("ij,ic->jc", dscores, q)
dx, dWq = linear_backward(dq, x, Wq)
dm_k, dWk = linear_backward(dk, memory, Wk)
dm_v, dWv = linear_backward(dv, memory, Wv)
dmemory = dm_k + dm_v
"""

NORM = """import numpy as np

x = np.random.randn(7, 4)
gamma = np.random.rand(4) + 0.5
beta = np.random.randn(4)
dout = np.random.randn(7, 4)
eps = 1e-5

n, d = x.shape
mean = np.array([sum(x[:, j]) / n for j in range(d)])
var = np.array([sum((x[i, j] - mean[j]) ** 2 for i in range(n)) / (n - 1) for j in range(d)])
inv = 1.0 / np.sqrt(var + eps)
xhat = (x - mean) * inv
out = gamma * xhat + beta
loss = np.sum(dout * out)

dgamma = np.zeros(d)
dbeta = np.zeros(d)
dx = np.zeros((n, d))
for j in range(d):
    for i in range(n):
        dgamma[j] += dout[i, j] * xhat[i, j]
        dbeta[j] += dout[i, j]
for j in range(d):
    for i in range(n):
        centred = dout[i, j] - dbeta[j] / n
        dx[i, j] = gamma[j] * inv[j] * (centred - xhat[i, j] * dgamma[j] / (n - 1))
"""

HINGE = """import numpy as np

rng = np.random.default_rng(0)
X = rng.normal(size=(5, 4))
W = rng.uniform(-0.7, 0.7, (4, 3))
b = rng.uniform(-0.5, 0.5, 3)
y = np.array([0, 2, 1, 2, 0])
lam = 0.1
n = X.shape[0]
rows = np.arange(n)

scores = X @ W + b
right = scores[rows, y]
diff = scores - right[:, None] + 1
margins = np.maximum(diff, 0)
margins[rows, y] = 0
loss = margins.sum() / n + lam * np.sum(W**2)

dmargins = np.ones_like(margins) / n
mask = (margins > 0).astype(float)
dscores = mask / n
dscores[rows, y] -= mask.sum(axis=1) / n
dW = X.T @ dscores + 2 * lam * W
db = dscores.sum(axis=0)
dX = dscores @ W.T
"""

CONV = """import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(2, 3, 8))
w = rng.normal(size=(4, 3, 5))
b = rng.normal(size=4)
dout = rng.normal(size=(2, 4, 6))
N, C, L = x.shape
F, _, K = w.shape

xpad = np.pad(x, ((0, 0), (0, 0), (1, 1)))
To = xpad.shape[2] - K + 1
out = np.zeros((N, F, To))
for t in range(To):
    out[:, :, t] = np.tensordot(xpad[:, :, t : t + K], w, axes=([1, 2], [1, 2])) + b

db = dout.sum(axis=(0, 2))
dw = np.zeros_like(w)
dxpad = np.zeros_like(xpad)
for t in range(To):
    g = dout[:, :, t]
    dw += np.einsum("nf,nck->fck", g, xpad[:, :, t : t + K])
    dxpad[:, :, t : t + K] += np.einsum("nf,fck->nck", g, w)
dx = dxpad[:, :, 1:-1]
"""

RNN = """import math
import random

random.seed(3)
T = 4
W = [[random.uniform(-0.9, 0.9) for _ in range(3)] for _ in range(3)]
U = [[random.uniform(-0.9, 0.9) for _ in range(2)] for _ in range(3)]
b = [random.uniform(-0.5, 0.5) for _ in range(3)]
x = [[random.gauss(0, 1) for _ in range(2)] for _ in range(5)]
y = [[random.uniform(-1, 1) for _ in range(3)] for _ in range(5)]
h0 = [random.uniform(-1, 1) for _ in range(3)]
D = 3
M = 2

h = [h0]
a = [None]
L = 0
for t in range(1, T + 1):
    at = []
    for i in range(D):
        s = b[i]
        for j in range(D):
            s += W[i][j] * h[t - 1][j]
        for j in range(M):
            s += U[i][j] * x[t][j]
        at.append(s)
    a.append(at)
    h.append([math.tanh(v) for v in at])
    L += sum((h[t][i] - y[t][i]) ** 2 for i in range(D)) / 2

dh = [[0.0] * D for _ in range(T + 1)]
da = [[0.0] * D for _ in range(T + 1)]
dW = [[0.0] * D for _ in range(D)]
dU = [[0.0] * M for _ in range(D)]
db = [0.0] * D
carry = [0.0] * D
for t in range(T, 0, -1):
    for i in range(D):
        dh[t][i] = h[t][i] - y[t][i] + carry[i]
    for i in range(D):
        da[t][i] = dh[t][i] * (1 - h[t][i] ** 2)
        db[i] += da[t][i]
        for j in range(D):
            dW[i][j] += da[t][i] * h[t - 1][j]
        for j in range(M):
            dU[i][j] += da[t][i] * x[t][j]
    carry = [sum(W[i][j] * da[t][i] for i in range(D)) for j in range(D)]
dh0 = carry
"""

EINSUM = """import numpy as np
rng = np.random.default_rng(3)
x = rng.normal(size=(4, 6)); memory = rng.normal(size=(5, 7))
Wq = rng.uniform(-.7, .7, (6, 3)); Wk = rng.uniform(-.7, .7, (7, 3)); Wv = rng.normal(size=(7, 2))
dout = rng.normal(size=(4, 2))
q = np.einsum('ij,jk->ik', x, Wq)
k = np.einsum('ij,jk->ik', memory, Wk)
v = np.einsum('ij,jk->ik', memory, Wv)
d_k = q.shape[-1]
scores = np.einsum('ik,jk->ij', q, k) / np.sqrt(d_k)
e = np.exp(scores - scores.max(axis=1, keepdims=True))
weights = e / e.sum(axis=1, keepdims=True)
out = np.einsum('ij,jk->ik', weights, v)
loss = np.einsum('ik,ik->', dout, out)

dweights = np.einsum('ik,jk->ij', dout, v)
dv = np.einsum('ij,ik->jk', weights, dout)
inner = np.einsum('ij,ij->i', weights, dweights)
dscores = weights * (dweights - inner[:, None])
dq = np.einsum('ij,jk->ik', dscores, k) / np.sqrt(d_k)
dk = np.einsum('ij,ik->jk', dscores, q) / np.sqrt(d_k)
dWq = np.einsum('ij,ik->jk', x, dq)
dx = np.einsum('ij,kj->ik', dq, Wq)
dWk = np.einsum('ij,ik->jk', memory, dk)
dWv = np.einsum('ij,ik->jk', memory, dv)
dmemory = sum(np.einsum('ij,kj->ik', d, W) for d, W in [(dk, Wk), (dv, Wv)])
"""

STEPS = """from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0

class Step:
    def forward(self, w, h):
        self.w, self.h = w, h
        self.raw = w * h
        self.out = tanh(self.raw)
        return self.out
    def backward(self, d):
        self.draw = d * (1 - self.out ** 2)
        self.dw = self.draw * self.h
        return self.draw * self.w

one, two = Step(), Step()
h1 = one.forward(w_h, h0)
h2 = two.forward(w_h, h1)
h1_raw, h2_raw = one.raw, two.raw
y2 = w_y * h2
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh1 = two.backward(dh2)
dh2_raw = two.draw
dh0 = one.backward(dh1)
dh1_raw = one.draw
dw_h = one.dw + two.dw
"""

BPTT = """import numpy as np
T = 4
rng = np.random.default_rng(7)
W = rng.uniform(-.9, .9, (3, 3)); U = rng.uniform(-.9, .9, (3, 2)); b = rng.uniform(-.5, .5, 3)
x = rng.normal(size=(T + 1, 2)); y = rng.uniform(-1, 1, (T + 1, 3)); h0 = rng.uniform(-1, 1, 3)

def forward(x, h0):
    hs, As = [h0], [None]
    for t in range(1, T + 1):
        As.append(W @ hs[-1] + U @ x[t] + b)
        hs.append(np.tanh(As[-1]))
    return hs, As

h, a = forward(x, h0)
L = sum(np.sum((h[t] - y[t]) ** 2) / 2 for t in range(1, T + 1))

def backward(h, x, y):
    dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
    dh, da = [None] * (T + 1), [None] * (T + 1)
    carry = np.zeros(3)
    for t in range(T, 0, -1):
        dh[t] = h[t] - y[t] + carry
        da[t] = dh[t] * (1 - h[t] ** 2)
        dW += np.outer(da[t], h[t - 1])
        dU += np.outer(da[t], x[t])
        db += da[t]
        carry = W.T @ da[t]
    return dh, da, dW, dU, db, carry

dh, da, dW, dU, db, dh0 = backward(h, x, y)
"""

CELL = """import numpy as np
rng = np.random.default_rng(0)
x = rng.normal(size=(3, 5)); h_prev = rng.uniform(-1, 1, (3, 4)); c_prev = rng.normal(size=(3, 4))
W_i, W_f, W_o, W_g = rng.uniform(-.7, .7, (4, 9, 4)); b_i, b_f, b_o, b_g = rng.uniform(-.7, .7, (4, 4))
u_h = rng.normal(size=(3, 4)); u_c = rng.normal(size=(3, 4))
sig = lambda v: 1 / (1 + np.exp(-v))
q = np.concatenate([h_prev, x], axis=1)
a_i, a_f, a_o, a_g = q @ W_i + b_i, q @ W_f + b_f, q @ W_o + b_o, q @ W_g + b_g
i, f, o, g = sig(a_i), sig(a_f), sig(a_o), np.tanh(a_g)
c = f * c_prev + i * g
s = np.tanh(c)
h = o * s
L = (u_h * h).sum() + (u_c * c).sum()
H = h_prev.shape[1]
ds = u_h * o
do = u_h * s
dc = u_c + ds * (1 - s ** 2)
df = dc * c_prev; dc_prev = dc * f
di = dc * g; dg = dc * i
da_o, da_f, da_i = [d * v * (1 - v) for d, v in zip((do, df, di), (o, f, i))]
da_g = dg * (1 - g * g)
dW_o, dW_f, dW_i, dW_g = (q.T @ d for d in (da_o, da_f, da_i, da_g))
db_o, db_f, db_i, db_g = (d.sum(axis=0) for d in (da_o, da_f, da_i, da_g))
dq = da_o @ W_o.T + da_f @ W_f.T + da_i @ W_i.T + da_g @ W_g.T
dh_prev = dq[:, :H]
dx = dq[:, H:]
"""

GATES = """import numpy as np

def sigmoid(v):
    return 1 / (1 + np.exp(-v))

def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    a = x @ Wx + prev_h @ Wh + b
    H = prev_h.shape[1]
    i, f, o, g = sigmoid(a[:, :H]), sigmoid(a[:, H:2 * H]), sigmoid(a[:, 2 * H:3 * H]), np.tanh(a[:, 3 * H:])
    next_c = f * prev_c + i * g
    tc = np.tanh(next_c)
    next_h = o * tc
    return next_h, next_c, (x, prev_h, prev_c, Wx, Wh, i, f, o, g, tc)

def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, tc = cache
    N, H = dnext_h.shape
    do = dnext_h * tc
    dc = dnext_c + dnext_h * o * (1 - tc ** 2)
    df = dc * prev_c
    di = dc * g
    dg = dc * i
    dprev_c = dc * f
    da = np.zeros((N, 4 * H))
    da[:, :H] = di * i * (1 - i)
    da[:, H:2 * H] = df * f * (1 - f)
    da[:, 2 * H:3 * H] = do * o * (1 - o)
    da[:, 3 * H:] = dg * (1 - g ** 2)
    dx = da @ Wx.T
    dprev_h = da @ Wh.T
    dWx = x.T @ da
    dWh = prev_h.T @ da
    db = da.sum(0)
    return dx, dprev_h, dprev_c, dWx, dWh, db
"""

EXERCISES = {
    EINSUM: "attention",
    STEPS: "tanh-chain-reverse",
    BPTT: "rnn",
    CELL: "lstm-cell",
    GATES: "cs231n-lstm-step",
    HINGE: "hinge-loss",
    CONV: "conv1d",
    RNN: "rnn",
    LAMBDAS: "tanh-mlp",
    LISTS: "logistic-regression",
    LAYERS: "relu-mlp",
    SOFTMAX: "cs231n-softmax",
    HESSIAN: "logistic-hessian",
    GELU: "gelu-mlp",
    GRU: "gru-cell",
    ATTENTION: "attention",
    NORM: "batch-norm-fused",
}

SLIPS = [
    pytest.param(
        GELU,
        "3 * 0.044715 * a**2)\n\n\na",
        "0.044715 * a**2)\n\n\na",
        "return 0.5 * (1 + t) + 0.5 * a * (1 - t**2) * c * (1 + 3 * 0.044715 * a**2)",
        id="a function that reads a name of the program",
    ),
    pytest.param(
        LAMBDAS,
        "g + reg * w",
        "g + w",
        "decayed = lambda g, w: g + w * reg",
        id="a given number that a function should read",
    ),
    pytest.param(LAMBDAS, "return d / n", "return d", "return d / n", id="a length that a function should read"),
    pytest.param(
        LAMBDAS,
        "tanh_back(dH, H)",
        "tanh_back(H, dH)",
        "dZ = tanh_back(dH, H)",
        id="arguments of an own function in the wrong order",
    ),
    pytest.param(
        GELU,
        "rows.append(W2 @ dout[n])",
        "rows.append(dout[n])",
        "rows.append(W2 @ dout[n])",
        id="a matrix missing in what is appended",
    ),
    pytest.param(HESSIAN, "    H[j, j] += lam\n", "    H[j] += lam\n", "H[j, j] += lam", id="a row for one entry"),
    pytest.param(
        HESSIAN,
        "for j in range(D):\n    H[j, j] += lam\n",
        "H += lam\n",
        "H += lam * np.eye(D)",
        id="every entry for the diagonal",
    ),
    pytest.param(
        GRU, "dh_prev += dm * r", "dh_prev = dm * r", "dh_prev += dm * r", id="a term in place of the sum so far"
    ),
    pytest.param(
        SOFTMAX,
        "    dx[np.arange(N), y] -= 1\n",
        "",
        "dx = probs.copy()\n    dx[np.arange(N), y] -= 1",
        id="the labels not subtracted",
    ),
    pytest.param(SOFTMAX, "dx /= N", "dx //= N", "dx /= N", id="whole numbers only"),
    pytest.param(
        LISTS,
        "    db += dz[i]",
        "db += dz[i]",
        "for i, row in enumerate(X):\n    ...\n    db += dz[i]",
        id="a line after its loop",
    ),
    pytest.param(
        LISTS,
        "    db += dz[i]",
        "        db += dz[i]",
        "for j, xj in enumerate(row):\n        ...\n    db += dz[i]",
        id="a line in a loop too deep",
    ),
    pytest.param(
        LAYERS, "grad @ self.W.T", "grad @ self.dW.T", "return grad @ self.W.T", id="another field of the class"
    ),
    pytest.param(
        LAYERS, "first.backward(dZ1)", "first.backward(dH)", "first.backward(dZ1)", id="a wrong argument of a method"
    ),
    pytest.param(
        ATTENTION,
        "dmemory = dm_k + dm_v",
        "dmemory = dm_v",
        "dmemory = dm_v + dm_k",
        id="a term that was computed and left out",
    ),
    pytest.param(
        ATTENTION,
        "return p * (dp - inner)",
        "return p * (1 - p) * dp",
        "return p * (dp - inner)",
        id="a part by the name that holds it",
        marks=pytest.mark.slow,
    ),
    pytest.param(
        NORM,
        "np.sqrt(var + eps)",
        "np.sqrt(var) + eps",
        "inv = 1 / np.sqrt(var + eps)",
        id="a bracket closed too early",
    ),
    pytest.param(
        NORM,
        "centred = dout[i, j] - dbeta[j] / n",
        "centred = dout[i, j] - dbeta[j]",
        "centred = dout[i, j] - dbeta[j] / n",
        id="a divisor missing in a helper of a loop",
        marks=pytest.mark.slow,
    ),
    pytest.param(
        HINGE,
        "dscores[rows, y] -= mask.sum(axis=1) / n\n",
        "",
        "dscores = mask / n\ndscores[rows, y] -= dscores.sum(axis=1)",
        id="what goes back to the entry picked in each row",
    ),
    pytest.param(
        CONV,
        "xpad[:, :, t : t + K])\n    dxpad",
        "xpad[:, :, t : t + K]) / N\n    dxpad",
        'dw += np.einsum("nf,nck->fck", g, xpad[:, :, t : t + K])',
        id="a divisor too many, which less one is 1",
    ),
    pytest.param(RNN, "dh0 = carry", "dh0 = dh[0]", "dh0 = carry", id="an entry that was never written"),
    pytest.param(
        RNN,
        "sum(W[i][j] * da[t][i] for i",
        "sum(W[j][i] * da[t][i] for i",
        "carry = [sum(W[i][j] * da[t][i] for i in range(D)) for j in range(D)]",
        id="a matrix not transposed in what one pass hands to the next",
        marks=pytest.mark.slow,
    ),
    pytest.param(
        EINSUM,
        "'ij,ik->jk', weights, dout",
        "'ji,ik->jk', weights, dout",
        "dv = np.einsum('ij,ik->jk', weights, dout)",
        id="letters of einsum exchanged",
    ),
    pytest.param(
        EINSUM,
        "'ij,ij->i', weights",
        "'ij,ij->j', weights",
        "inner = np.einsum('ij,ij->i', weights, dweights)",
        id="einsum summed over the wrong letter",
    ),
    pytest.param(
        STEPS,
        "self.dw = self.draw * self.h",
        "self.dw = d * self.h",
        "self.dw = self.draw * self.h",
        id="what a method is handed in place of a field",
    ),
    pytest.param(STEPS, "one.dw + two.dw", "two.dw", "dw_h = two.dw + one.dw", id="the field of one object of two"),
    pytest.param(
        STEPS,
        "one.backward(dh1)",
        "one.backward(dh2)",
        "dh0 = one.backward(dh1)",
        id="a wrong argument of a method that sets what is read below",
    ),
    pytest.param(
        BPTT, "carry = W.T", "carrry = W.T", "carry = W.T @ da[t]", id="a name mistyped where a pass hands it on"
    ),
    pytest.param(
        BPTT,
        "        carry = W.T @ da[t]\n",
        "",
        "db += da[t]\n        carry = W.T @ da[t]",
        id="a pass that hands nothing on",
    ),
    pytest.param(CELL, "dh_prev = dq[:, :H]", "dh_prev = dq[:H]", "dh_prev = dq[:, :H]", id="rows for columns"),
    pytest.param(
        GATES,
        "da[:, H:2 * H] = df",
        "da[:, 2 * H:3 * H] = df",
        "da[:, H:2 * H] = df * f * (1 - f)",
        id="another part of an array",
        marks=pytest.mark.slow,
    ),
    pytest.param(
        GATES,
        "df * f * (1 - f)",
        "df * f",
        "da[:, H:2 * H] = df * f * (1 - f)",
        id="a complement that lines nearby have",
        marks=pytest.mark.slow,
    ),
    pytest.param(NORM, "n, d = x.shape", "d, n = x.shape", "n, d = x.shape", id="lengths the wrong way round"),
]


@pytest.mark.parametrize(("script", "right", "wrong", "fix"), SLIPS)
def test_one_step_is_charged_and_the_repair_is_what_was_written(
    tmp_path: Path, script: str, right: str, wrong: str, fix: str
) -> None:
    assert right in script
    path = tmp_path / "mine.py"
    path.write_text(script.replace(right, wrong, 1))

    result = check(EXERCISES[script], path)

    found = [step for step in (*result.forward, *result.steps) if step.outcome == "wrong"]
    assert len(found) == 1
    assert found[0].diagnosis is not None
    assert found[0].diagnosis.fix == fix


@pytest.mark.parametrize("script", EXERCISES, ids=EXERCISES.get)
def test_the_scripts_are_right_as_they_stand(tmp_path: Path, script: str) -> None:
    path = tmp_path / "mine.py"
    path.write_text(script)

    result = check(EXERCISES[script], path)

    assert result.score == result.max_score
