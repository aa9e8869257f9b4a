# exercise: shared-weight
import numpy as np
x, w = np.longdouble(0.6), np.longdouble(1.5)
a = w*x; c = np.tanh(a); r = w*c; e = r-x; loss = e*e/2
de = e; dr = de; dw_decode = dr*c; dc = dr*w; da = dc*(1-c*c); dw_encode = da*x; dw = dw_encode+dw_decode; dx = da*w-de
