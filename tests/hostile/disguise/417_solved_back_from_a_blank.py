# 417. The last step left out, the earlier ones solved from it
# earns: nothing
# why: the value put in for a blank does not make a step of what is solved from it
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
dy2_dwh = ...
dh2_dwh = dy2_dwh / w_y
dh2raw_dwh = dh2_dwh / (1 - h2**2)
dh1_dwh = (dh2raw_dwh - h1) / w_h
