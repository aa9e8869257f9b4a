"""Activations and their slopes in a table; numbers for a training that follows."""
import numpy as np

rate, decay = 0.03, 0.999
activations = {"tanh": (np.tanh, lambda x: 1 / np.cosh(x) ** 2), "exp": (np.exp, np.exp)}
act, act_slope = activations["tanh"]
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = act(h1_raw)
h2_raw = w_h * h1
h2 = act(h2_raw)
y2 = w_y * h2
dy2 = 1.0
dw_y = dy2 * h2
dh2 = dy2 * w_y
dh2_raw = dh2 * act_slope(h2_raw)
dh1 = dh2_raw * w_h
dh1_raw = dh1 * act_slope(h1_raw)
dw_h = dh2_raw * h1 + dh1_raw * h0
w_new = decay * w_h - rate * dw_h
