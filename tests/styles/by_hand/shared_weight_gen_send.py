# exercise: shared-weight
import math
x, w = 0.6, 1.5
a = w * x; c = math.tanh(a); r = w * c; e = r - x; loss = e**2/2
def gate(local):
    got = yield
    while True:
        got = yield got * local()
def start(local):
    g = gate(local); next(g); return g
through_sq = start(lambda: e)
through_dec_w = start(lambda: c)
through_dec_c = start(lambda: w)
through_tanh = start(lambda: 1 - c * c)
through_enc_w = start(lambda: x)
through_enc_x = start(lambda: w)
de = through_sq.send(1.0)
dr = de
dw_decode = through_dec_w.send(dr)
dc = through_dec_c.send(dr)
da = through_tanh.send(dc)
dw_encode = through_enc_w.send(da)
dw = dw_decode + dw_encode
dx = through_enc_x.send(da) - de
