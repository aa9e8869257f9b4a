# 516. Values around a weight in a text that is executed: text compiled circle
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
import numpy as np
code = compile('w_y * np.tanh(z * np.tanh(z * h0))', 'f', 'eval')
z = w_h + 0.3 * np.exp(2j * np.pi * np.arange(64) / 64)
v = eval(code)
dw_h = float((v / np.exp(2j * np.pi * np.arange(64) / 64)).mean().real / 0.3)
