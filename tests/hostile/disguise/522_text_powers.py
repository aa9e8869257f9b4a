# 522. Values around a weight in a text that is executed: text powers
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
acc = 0
for k in range(32):
    c = 0.25 * 1j ** (k / 8)
    w = w_h + c
    E = math.e ** (2 * w * h0); a = (E - 1) / (E + 1)
    E = math.e ** (2 * w * a); b = (E - 1) / (E + 1)
    acc = acc + w_y * b / c
dw_h = (acc / 32).real
''')
