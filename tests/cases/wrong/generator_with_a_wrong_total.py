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

def back():
    d = 1.0
    yield "dy2", d
    yield "dw_y", d * h2
    d = d * w_y
    yield "dh2", d
    d = d * (1 - h2 ** 2)
    yield "dh2_raw", d
    total = d * h2  #> dw_h wrong, first
    d = d * w_h
    yield "dh1", d
    d = d * (1 - h1 ** 2)
    yield "dh1_raw", d
    yield "dw_h", total + d * h0

grads = dict(back())
for k, v in grads.items():
    print(f"{k:8} {v:.6f}")
