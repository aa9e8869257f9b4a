# 415. Number of one's own for the last step, from which the earlier ones are solved
# earns: nothing
# why: with another value of a later step in its place, such a step is another one too
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
dy2_dwh = 5.0 * w_h
dh2_dwh = dy2_dwh / w_y
dh2raw_dwh = dh2_dwh / (1 - h2**2)
dh1_dwh = (dh2raw_dwh - h1) / w_h
dh1raw_dwh = dh1_dwh / (1 - h1**2)
