# 129. Fills all steps in one line of a loop, to be wrong only once
# expect: judged wrong
# kept by: strict, portable, process
# why: one mistake is behind several steps only where one change makes all of them right
import math
x = 0.7
w = 1.2
h = math.tanh(w * x)
y = h**2
grads = {}
for name in ("dh", "dw", "dx"):
    grads[name] = 0.123
