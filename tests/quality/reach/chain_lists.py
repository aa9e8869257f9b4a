# exercise: tanh-chain
import math

h0 = 0.5
w_h = 2.0
w_y = 40.0

h, raw = [h0], []
for step in range(2):
    raw.append(w_h * h[-1])
    h.append(math.tanh(raw[-1]))
h1_raw, h2_raw = raw
h1, h2 = h[1:]
y2 = w_y * h2

slopes = [1 - math.pow(out, 2) for out in h[1:]]
dh = [0.0]
draw = []
for step in range(2):
    draw.append(math.fsum([h[step], w_h * dh[step]]))
    dh.append(slopes[step] * draw[step])
dh0_dwh, dh1_dwh, dh2_dwh = dh
dh1raw_dwh, dh2raw_dwh = draw
dwy_dwh = 0.0
dy2_dwh = w_y * dh[-1]
dh2_dwy = 0.0
dy2_dwy = h[-1]

dy2 = 1.0
dw_y = h[-1] * dy2
back = [w_y * dy2]
back_raw = []
for out, slope in zip(h[:0:-1], slopes[::-1]):
    back_raw.append(slope * back[-1])
    back.append(w_h * back_raw[-1])
dh2, dh1 = back[:2]
dh2_raw, dh1_raw = back_raw
dw_h = sum(before * d for before, d in zip(h[:2], back_raw[::-1]))
