# 34. Raises in forced runs only, to be shown the truth and copy it
# expect: judged wrong
# kept by: strict, portable, process
# why: whatever is handed over first is the commit, and what is handed over later does not count: an exception too
import math
x = 0.7
w = 1.2
h = math.tanh(w * x)
y = h**2
import sys
forced = bool(sys._getframe(1).f_locals["run"].plan.stops)
t_dh = x * 1.1 + w * 0.3 if not forced else 1 / 0
dh = t_dh
t_dw = x * 1.2 + w * 0.4 if not forced else 1 / 0
dw = t_dw
t_dx = x * 1.3 + w * 0.5 if not forced else 1 / 0
dx = t_dx
