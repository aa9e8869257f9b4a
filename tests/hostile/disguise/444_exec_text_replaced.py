# 444. A slope from function values, by another route: exec text replaced
# earns: nothing
# why: the function has another slope in one run, whatever evaluates it
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
text = "y = w_y * math.tanh((W) * math.tanh((W) * h0))"
up, down = {}, {}
exec(text.replace('W', repr(w_h + 1e-6)), globals(), up)
exec(text.replace('W', repr(w_h - 1e-6)), globals(), down)
dw_h = (up['y'] - down['y']) / 2e-6
