# exercise: tanh-chain-reverse
from itertools import accumulate
import math
h0, w_h, w_y = 0.5, 2.0, 40.0
raws, acts = [], [h0]
for _ in range(2):
    raws.append(w_h * acts[-1]); acts.append(math.tanh(raws[-1]))
h1_raw, h2_raw = raws
_, h1, h2 = acts
y2 = w_y * h2
local = [1.0, w_y, 1 - h2**2, w_h, 1 - h1**2]
dy2, dh2, dh2_raw, dh1, dh1_raw = accumulate(local, lambda u, v: u * v)
dw_y = h2 * dy2
dw_h = sum(d * h for d, h in zip((dh1_raw, dh2_raw), acts))
