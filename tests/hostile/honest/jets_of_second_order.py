import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
class Jet:
    def __init__(s, *c): s.c = list(c) + [0.0] * (3 - len(c))
    def __mul__(s, o): return Jet(*[sum(s.c[i] * o.c[k - i] for i in range(k + 1)) for k in range(3)])
    def tanh(s):
        t = math.tanh(s.c[0])
        d1 = 1 - t * t; d2 = -2 * t * d1
        return Jet(t, d1 * s.c[1], d1 * s.c[2] + d2 / 2 * s.c[1]**2)
w = Jet(w_h, 1.0)
dw_h = (Jet(w_y) * (w * (w * Jet(h0)).tanh()).tanh()).c[1]
dy2 = 1.0
dw_y = h2
dh2 = w_y
dh2_raw = (Jet(w_y) * Jet(h2_raw, 1.0).tanh()).c[1]
dh1 = (Jet(w_y) * (Jet(w_h) * Jet(h1, 1.0)).tanh()).c[1]
dh1_raw = (Jet(w_y) * (Jet(w_h) * Jet(h1_raw, 1.0).tanh()).tanh()).c[1]
print(0.1 + 0.2)
