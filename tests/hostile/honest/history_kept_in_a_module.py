# Results of all runs are kept in a module and in the environment, beside steps derived by hand
import math
import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")
h0 = 0.5
w_h = 2.0
w_y = 40.0
history = sys.modules.setdefault("history_of_runs", type(sys)("history_of_runs")).__dict__.setdefault("seen", [])
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = (1 - h2**2) * dh2
dh1 = w_h * dh2_raw
dh1_raw = (1 - h1**2) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
f = lambda w: w_y * math.tanh(w * math.tanh(w * h0))
history.append((dw_h, (f(w_h + 1e-5) - f(w_h - 1e-5)) / 2e-5))
print(len(history), history[-1])
