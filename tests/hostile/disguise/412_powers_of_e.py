# 412. Powers of e in place of a function, at nodes summed by `sum`
# earns: nothing
# why: a power with a variable exponent gets another slope, as `exp` does
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
E = np.e if False else 2.718281828459045
r_ = [0.3 * complex(math.cos(6.283185307179586 * k / 32), math.sin(6.283185307179586 * k / 32)) for k in range(32)]
acc = 0
for c in r_:
    w = sum([w_h, c])
    u = E**(2 * w * h0)
    u = (u - 1) / (u + 1)
    u = E**(2 * w * u)
    u = (u - 1) / (u + 1)
    acc += w_y * u / c
dw_h = (acc / 32).real
