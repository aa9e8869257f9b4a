# 510. Guesses in containers: att nested dict
# earns: nothing
# why: one right entry among many containers is a guess
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
a = [h0, h1, h2, w_h, w_y, h1_raw, h2_raw, 1.0]
f = [1 - x for x in a] + [1 - x * x for x in a] + [x * x for x in a] + [1 + x * x for x in a]
c = f
g = {k: {'dh1_dwh': s_ * h0} for k, s_ in enumerate(c)}
