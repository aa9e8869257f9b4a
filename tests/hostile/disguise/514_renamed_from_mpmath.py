# 514. A tiny step in sixty digits, by functions that are imported under another name
# earns: nothing
# why: a function that is named otherwise in the text is known by its name in its package
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h*h0
h1 = tanh(h1_raw)
h2_raw = w_h*h1
h2 = tanh(h2_raw)
y2 = w_y*h2
import mpmath as mp
from mpmath import tanh as f
mp.mp.dps = 60
a = mp.mpf(w_h)
b = mp.fsum([a, mp.mpf('1e-30')])
F = w_y*f(b*f(b*h0))
G = w_y*f(a*f(a*h0))
dw_h = float((F-G)/mp.fsum([b,-a]))
