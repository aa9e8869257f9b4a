# exercise: tanh-chain-reverse
# A typing error in a name does not depend on any value: the lines after both errors are judged.
import numpy as np

h0, w_h, w_y = 0.5, 2.0, 40.0


def backward(h0, w_h, w_y):
    h1_raw = w_h * h0
    h1 = np.tanh(h1_raw)
    h2_raw = w_h * h1
    h2 = np.tanh(h2_raw)
    y2 = w_y * h2
    dy2 = 1.0
    dw_y = h2 * dy2
    dh2 = w_y * dy2.T  #> dh2 wrong raised, first
    dh2_raw = (1 - h2**2) * dh2  #> dh2_raw carried by dh2
    dh1 = w_h * dh2_rw  #> dh1 wrong raised
    dh1_raw = (1 - h1**2) * dh1  #> dh1_raw carried by dh1
    dw_h = h0 * dh1_raw + h1 * dh2_raw  #> dw_h carried by dh2, dh1
    return dy2, dw_y, dh2, dh2_raw, dh1, dh1_raw, dw_h


backward(h0, w_h, w_y)
