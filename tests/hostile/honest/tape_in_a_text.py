import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
exec('''
class Node:
    def __init__(s, v, back=()): s.v, s.back, s.g = v, back, 0.0
    def __mul__(s, o): return Node(s.v * o.v, ((s, o.v), (o, s.v)))
    def tanh(s):
        t = math.tanh(s.v)
        return Node(t, ((s, 1 - t * t),))
    def run(s, g=1.0):
        s.g += g
        for n, d in s.back: n.run(g * d)
''')
w, v, x = Node(w_h), Node(w_y), Node(h0)
a = w * x; b = a.tanh(); c = w * b; d = c.tanh(); y = v * d
y.run()
dy2, dw_y, dh2, dh2_raw, dh1, dh1_raw, dw_h = y.g, v.g, d.g, c.g, b.g, a.g, w.g
