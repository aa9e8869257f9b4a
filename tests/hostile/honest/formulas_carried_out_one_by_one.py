import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
F = ["1.0", "h2 * dy2", "w_y * dy2", "(1 - math.tanh(h2_raw)**2) * dh2", "w_h * dh2_raw", "(1 - math.tanh(h1_raw)**2) * dh1", "h1 * dh2_raw + h0 * dh1_raw"]
for k, f in zip("dy2 dw_y dh2 dh2_raw dh1 dh1_raw dw_h".split(), F):
    exec(f"{k} = {f}")
