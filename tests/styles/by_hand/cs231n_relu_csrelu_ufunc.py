# exercise: cs231n-relu
import numpy as np
relu_forward = lambda x: (np.fmax(x, 0), np.signbit(x))
def relu_backward(dout, cache):
    negative = cache
    dx = np.array(dout, copy=True)
    np.putmask(dx, negative, 0.0)
    return dx
