# 32. Hands over an array far larger than anything asked for
# expect: judged unjudged
# kept by: strict, portable, process
# library: numpy
# why: the size is known before anything is read
import numpy as np
x = 0.7
w = 1.2
h = y = dh = dw = dx = np.broadcast_to(np.float64(1.0), (10**6, 10**3))
