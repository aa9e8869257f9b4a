# exercise: tanh-chain-forward
import math
h0, w_h, w_y = .5, 2., 40.
mul = lambda p, q: (p[0]*q[0], p[0]*q[1] + p[1]*q[0])
tanh = lambda p: (t := math.tanh(p[0]), (1-t*t)*p[1])
def run(seed_h, seed_y):
    H, Y = (w_h, seed_h), (w_y, seed_y)
    p0 = (h0, 0.0)
    p1r = mul(H, p0); p1 = tanh(p1r); p2r = mul(H, p1); p2 = tanh(p2r)
    return p0, p1r, p1, p2r, p2, Y, mul(Y, p2)
(_, dh0_dwh), (h1_raw, dh1raw_dwh), (h1, dh1_dwh), (h2_raw, dh2raw_dwh), (h2, dh2_dwh), (_, dwy_dwh), (y2, dy2_dwh) = run(1.0, 0.0)
*_, (_, dh2_dwy), _, (_, dy2_dwy) = run(0.0, 1.0)
