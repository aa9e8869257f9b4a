# exercise: tanh-chain-reverse
# The derivation at the given numbers, and then the same lines in a loop over other weights.
import numpy as np

h0, w_h, w_y = 0.5, 2.0, 40.0
h1_raw = w_h * h0
h1 = np.tanh(h1_raw)
h2_raw = w_h * h1
h2 = np.tanh(h2_raw)
y2 = w_y * h2
dy2 = 1.0
dw_y = h2
dh2 = w_y
dh2_raw = dh2 * (1 - h2**2)
dh1 = dh2_raw * w_h
dh1_raw = dh1 * (1 - h1**2)
dw_h = dh1_raw * h0 + dh2_raw * h1
print(dw_h)

results = []
for w_h in np.linspace(-3, 3, 13):
    h1_raw = w_h * h0
    h1 = np.tanh(h1_raw)
    h2_raw = w_h * h1
    h2 = np.tanh(h2_raw)
    dh2_raw = w_y * (1 - h2**2)
    dh1 = dh2_raw * w_h
    dh1_raw = dh1 * (1 - h1**2)
    dw_h = dh1_raw * h0 + dh2_raw * h1
    results.append((w_h, dw_h))
