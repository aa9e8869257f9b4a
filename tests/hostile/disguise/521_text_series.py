# 521. Values around a weight in a text that is executed: text series
# earns: nothing
# why: what a program executes as text gets other slopes too
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
def ex(z):
    s = t = 1.0
    for k in range(1, 60):
        t = t * z / k
        s = s + t
    return s
def th(z): return 1 - 2 / (ex(2 * z) + 1)
import cmath
u = [cmath.exp(2j * math.pi * k / 32) / 4 for k in range(32)]
dw_h = sum((w_y * th((w_h + c) * th((w_h + c) * h0)) / c).real for c in u) / 32
''')
