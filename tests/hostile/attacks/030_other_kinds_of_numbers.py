# 30. Binds complex numbers, truth values, texts and objects
# expect: judged unjudged
# kept by: strict, portable, process
# library: numpy
# why: each kind has its rule, and none of these is a number here
import numpy as np
x = 0.7
w = 1.2
h, y = True, "0.4"
dh, dw, dx = np.array(1 + 0j), "1.0", np.array([object()], dtype=object)
