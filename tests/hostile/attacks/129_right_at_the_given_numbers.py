# 129. Types in the right values at the given numbers
# expect: judged wrong
# kept by: strict, portable, process
# why: what is right at the given numbers only is wrong
import math
x = 0.7
w = 1.2
h = math.tanh(w * x)
y = h**2
dh = 1.3716181
dw = 0.5085496
dx = 0.8717993
