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

from types import SimpleNamespace

one = 1.0
by_w_y = h2 * one
by_h2 = w_y * one
by_h2_raw = (1 - h2_raw**2) * by_h2  #> guilty
by_h1 = w_h * by_h2_raw
by_h1_raw = (1 - h1**2) * by_h1
by_w_h = h1 * by_h2_raw + h0 * by_h1_raw
back = SimpleNamespace(dy2=one, dw_y=by_w_y, dh2=by_h2, dh2_raw=by_h2_raw, dh1=by_h1, dh1_raw=by_h1_raw, dw_h=by_w_h)
