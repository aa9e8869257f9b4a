# 34. Derives where the value it gave is no longer there
# expect: judged wrong
# kept by: strict, portable, process
# why: what is done in forced runs only is not what the code does, and counts for nothing; in the run that shows it the value is moved a little
import math
x = 0.7
w = 1.2
h = math.tanh(w * x)
y = h**2
import sys
t = x * 1.1 + w * 0.3
dh = t
forced = dh is not t
dh_too = dh
dw = 2 * h * (1 - h**2) * x if forced else x * 1.2 + w * 0.4
dx = 2 * h * (1 - h**2) * w if forced else x * 1.3 + w * 0.5
