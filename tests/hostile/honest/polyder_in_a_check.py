# exercise: tanh-chain
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
dh0_dwh = 0.0
dh1raw_dwh = h0
dh1_dwh = (1 - h1**2) * dh1raw_dwh
dh2raw_dwh = h1 + w_h * dh1_dwh
dh2_dwh = (1 - h2**2) * dh2raw_dwh
dwy_dwh = 0.0
dy2_dwh = w_y * dh2_dwh
dh2_dwy = 0.0
dy2_dwy = h2
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = (1 - h2**2) * dh2
dh1 = w_h * dh2_raw
dw_h_second_step = h1 * dh2_raw
dh1_raw = (1 - h1**2) * dh1
dw_h_first_step = h0 * dh1_raw
dw_h = dw_h_second_step + dw_h_first_step
print(f"y2 = {y2:.6f}")
print(f"by w_h: {dy2_dwh:.6f} forwards, {dw_h:.6f} backwards")
print(f"by w_y: {dy2_dwy:.6f} forwards, {dw_y:.6f} backwards")
import numpy as np
c = np.polynomial.Polynomial.fit(np.linspace(w_h - 0.01, w_h + 0.01, 7), [w_y * math.tanh(k * math.tanh(k * h0)) for k in np.linspace(w_h - 0.01, w_h + 0.01, 7)], 6)
print(c.deriv()(w_h) - dw_h)
assert np.polyder([1.0, 0.0, 0.0])[0] == 2.0
