# exercise: transformer-block
import numpy as np
rng = np.random.default_rng(0)
x = rng.normal(size=(4, 6))
u = lambda *s: rng.uniform(-.8, .8, size=s)
Wq, Wk, Wv, Wo, W1, W2 = u(6, 3), u(6, 3), u(6, 5), u(5, 6), u(6, 8), u(8, 6)
dout = rng.normal(size=(4, 6))
def rms(v):
    r = 1 / np.sqrt(np.mean(v * v, -1, keepdims=True) + 1e-5)
    def back(g):
        return r * g - v * r ** 3 * np.mean(v * g, -1, keepdims=True)
    return r, v * r, back
r1, n1, back1 = rms(x)
q, k, v = n1 @ Wq, n1 @ Wk, n1 @ Wv
scores = q @ k.T / np.sqrt(3)
weights = np.exp(scores)
weights = weights / weights.sum(-1, keepdims=True)
mixed = weights @ v
h = x + mixed @ Wo
r2, n2, back2 = rms(h)
a = n2 @ W1
m = np.maximum(a, 0)
out = h + m @ W2
loss = np.sum(dout * out)
dm, dW2 = dout @ W2.T, m.T @ dout
da = np.where(a > 0, dm, 0)
dn2, dW1 = da @ W1.T, n2.T @ da
dh = back2(dn2)  #> guilty
dmixed, dWo = dh @ Wo.T, mixed.T @ dh
dweights, dv = dmixed @ v.T, weights.T @ dmixed
dscores = (dweights - np.sum(dweights * weights, -1, keepdims=True)) * weights
dq, dk = dscores @ k / np.sqrt(3), dscores.T @ q / np.sqrt(3)
dWq, dWk, dWv = (n1.T @ g for g in (dq, dk, dv))
dn1 = sum(g @ W.T for g, W in zip((dq, dk, dv), (Wq, Wk, Wv)))
dx = dh + back1(dn1)
