# exercise: tanh-chain-reverse
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
y2 = w_y * (h2 := math.tanh(h2_raw := w_h * (h1 := math.tanh(h1_raw := w_h * h0))))
dw_y = h2 * (dy2 := 1.0)
dw_h = h1 * (dh2_raw := (1 - h2**2) * (dh2 := w_y * dy2)) + h0 * (dh1_raw := (1 - h1**2) * (dh1 := w_h * dh2_raw))
