# exercise: cs231n-relu
import sys
import numpy as np


def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(dout, cache):
    return dout * (cache > 0)


print(relu_backward(np.ones(3), np.arange(3) - 1))
sys.exit()
