import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
class Var:
    tape = []
    def __init__(s, v): s.v, s.g = float(v), 0.0
    def _op(s, v, *parents):
        o = Var(v); Var.tape.append((o, parents)); return o
    def __mul__(s, o): return s._op(s.v * o.v, (s, o.v), (o, s.v))
    def __add__(s, o): return s._op(s.v + o.v, (s, 1.0), (o, 1.0))
    def __rpow__(s, b): return s._op(b**s.v, (s, math.log(b) * b**s.v))
    def __truediv__(s, o): return s._op(s.v / o.v, (s, 1 / o.v), (o, -s.v / o.v**2))
def th(x):
    e = math.e**(Var(2.0) * x)
    return (e + Var(-1.0)) / (e + Var(1.0))
X, W, Y = Var(h0), Var(w_h), Var(w_y)
a = W * X; b = th(a); c = W * b; d = th(c); y = Y * d
y.g = 1.0
for o, ps in reversed(Var.tape):
    for p, k in ps: p.g += k * o.g
dy2, dw_y, dh2, dh2_raw, dh1, dh1_raw, dw_h = y.g, Y.g, d.g, c.g, b.g, a.g, W.g
