# 413. Nodes around a weight made by `__add__`
# earns: nothing
# why: a power gets another slope wherever its exponent is no known value, whatever made the exponent
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
acc = 0
E = math.e
for k in range(32):
    c = 0.3 * 1j**(k / 8)
    w = w_h.__add__(0.0).__radd__(0.0) if False else complex(w_h).__add__(c)
    u = E**(2 * w * h0)
    u = (u - 1) / (u + 1)
    u = E**(2 * w * u)
    acc += w_y * (u - 1) / (u + 1) / c
dw_h = (acc / 32).real
