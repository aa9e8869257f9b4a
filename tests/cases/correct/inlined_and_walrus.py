import math

h0 = 0.5
w_h = 2.0
w_y = 40.0
h2 = math.tanh(h2_raw := w_h * (h1 := math.tanh(h1_raw := w_h * h0)))
y2 = w_y * h2
dy2_dwh = w_y * (dh2_dwh := (1 - h2 * h2) * (dh2raw_dwh := h1 + w_h * (dh1_dwh := (1 - h1 * h1) * (dh1raw_dwh := h0))))
dh0_dwh, dwy_dwh, dh2_dwy, dy2_dwy = 0, 0, 0, h2
dh1_raw = (1 - h1 * h1) * (dh1 := w_h * (dh2_raw := (1 - h2 * h2) * (dh2 := w_y * (dy2 := 1.0))))
dw_y, dw_h = h2, h1 * dh2_raw + h0 * dh1_raw
