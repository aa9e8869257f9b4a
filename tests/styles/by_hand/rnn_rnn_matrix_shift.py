# exercise: rnn
import numpy as np
rng = np.random.default_rng(4)

T = 4
W = rng.normal(size=(3, 3))*.5; U = rng.normal(size=(3, 2)); b = rng.normal(size=3)*.1; x = rng.normal(size=(5, 2)); y = rng.normal(size=(5, 3)); h0 = rng.normal(size=3)*.5
h = np.zeros((T+1, 3)); a = np.zeros((T+1, 3)); h[0] = h0
for t in range(1, T+1):
    a[t] = W@h[t-1]+U@x[t]+b; h[t] = np.tanh(a[t])
L = .5*((h[1:]-y[1:])**2).sum()
dh = np.zeros((T+2, 3)); da = np.zeros((T+2, 3))
t = T
while t:
    dh[t] = h[t]-y[t]+da[t+1]@W
    da[t] = dh[t]*(1-h[t]**2)
    t -= 1
dW = da[1:T+1].T@h[:T]; dU = da[1:T+1].T@x[1:]; db = da[1:T+1].sum(0); dh0 = da[1]@W
