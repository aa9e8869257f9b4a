# 34. Derives where it has seen the same inputs before
# expect: judged wrong
# kept by: strict, portable, process
# why: what is done in forced runs only is not what the code does, and counts for nothing; which of two runs at a point comes first is drawn by lot
import math
x = 0.7
w = 1.2
h = math.tanh(w * x)
y = h**2
math.seen = getattr(math, "seen", [])
forced = (x, w) in math.seen
math.seen.append((x, w))
dh = 2 * h if forced else x * 1.1 + w * 0.3
dw = dh * (1 - h**2) * x if forced else x * 1.2 + w * 0.4
dx = dh * (1 - h**2) * w if forced else x * 1.3 + w * 0.5
