# exercise: rnn
"""
Minimal RNN, after karpathy/min-char-rnn.py, BSD License
"""
import numpy as np
T = 4
np.random.seed(1)
W = np.random.uniform(-0.9, 0.9, (3, 3))
U = np.random.uniform(-0.9, 0.9, (3, 2))
b = np.random.uniform(-0.5, 0.5, 3)
x = np.random.randn(T + 1, 2)
y = np.random.uniform(-1, 1, (T + 1, 3))
h0 = np.random.uniform(-1, 1, 3)

def lossFun(inputs, targets, hprev):
  xs, hs, ass, ps = {}, {}, {}, {}
  hs[0] = np.copy(hprev)
  loss = 0
  # forward pass
  for t in range(1, len(inputs)):
    xs[t] = inputs[t]
    ass[t] = np.dot(W, hs[t-1]) + np.dot(U, xs[t]) + b
    hs[t] = np.tanh(ass[t]) # hidden state
    loss += np.sum((hs[t] - targets[t])**2) / 2
  # backward pass: compute gradients going backwards
  dU, dW = np.zeros_like(U), np.zeros_like(W)
  db = np.zeros_like(b)
  dhnext = np.zeros_like(hs[0])
  dh, da = {}, {}
  for t in reversed(range(1, len(inputs))):
    dh[t] = hs[t] - targets[t] + dhnext # backprop into h
    dhraw = (1 - hs[t] * hs[t]) * dh[t] # backprop through tanh nonlinearity
    da[t] = dhraw
    db += dhraw
    dU += np.outer(dhraw, xs[t]) 
    dW += np.outer(dhraw, hs[t-1])
    dhnext = np.dot(W.T, dhraw)
  return loss, dU, dW, db, dh, da, dhnext

loss, dU, dW, db, dh, da, dh0 = lossFun(x, y, h0)
print(loss)
n, p = 0, 0
mW, mU, mb = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b) # memory variables for Adagrad
learning_rate = 1e-1
smooth_loss = -np.log(1.0/3)*T
while n < 20:
  l, gU, gW, gb, _, _, _ = lossFun(x, y, h0)
  smooth_loss = smooth_loss * 0.999 + l * 0.001
  for param, dparam, mem in zip([W, U, b], [gW, gU, gb], [mW, mU, mb]):
    mem += dparam * dparam
    param += -learning_rate * dparam / np.sqrt(mem + 1e-8) # adagrad update
  n += 1
