# exercise: rnn
import numpy as np
if __name__ == "__main__":
    gen = np.random.default_rng(12)
    T = 4
    W, U = gen.uniform(-0.9, 0.9, (3, 3)), gen.uniform(-0.9, 0.9, (3, 2))
    b, h0 = gen.uniform(-0.5, 0.5, 3), gen.uniform(-1, 1, 3)
    x, y = gen.normal(size=(5, 2)), gen.uniform(-1, 1, (5, 3))
    def unroll():
        state = h0
        yield state
        for t in range(1, T + 1):
            yield (state := np.tanh(W @ state + U @ x[t] + b))
    h = np.stack([*unroll()])
    E = h[1:] - y[1:]
    L = (E * E).sum() / 2
    def walk_back():
        future = np.zeros(3)
        for t in range(T, 0, -1):
            g = E[t - 1] + future
            d = g * (1 - h[t] ** 2)
            future = d @ W
            yield t, g, d, future
    dh = np.zeros((T + 1, 3))
    da = np.zeros((T + 1, 3))
    for t, dh[t], da[t], dh0 in walk_back():
        pass
    dW = da[1:].T @ h[:-1]
    dU = da[1:].T @ x[1:]
    db = da[1:].sum(axis=0)
