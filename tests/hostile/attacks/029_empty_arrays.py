# 29. Binds arrays of no entries, of which all are right
# expect: judged wrong
# kept by: strict, portable, process
# library: numpy
# why: the shape is judged before the values
import numpy as np
x = 0.7
w = 1.2
h = y = dh = dw = dx = np.zeros((0,))
