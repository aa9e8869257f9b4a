# exercise: tanh-chain-reverse
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0

h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2

layers = [(h0, h1), (h1, h2)]


def back(depth, upstream):
    # returns what reaches the weight from this layer and all below
    inp, out = layers[depth]
    at_raw = (1 - out**2) * upstream
    below = back(depth - 1, w_h * at_raw) if depth > 0 else 0.0
    return inp * at_raw + below


dy2 = 1.0
dw_y = dy2 * h2
dh2 = dy2 * w_y
dh2_raw = (1 - h2**2) * dh2
dh1 = w_h * dh2_raw
dh1_raw = (1 - h1**2) * dh1
dw_h = back(1, dh2)
