# 515. Values around a weight in a text that is executed: text from a template
# earns: nothing
# why: what a program executes as text gets other slopes too
import math
import numpy as np
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = np.tanh(h1_raw)
h2_raw = w_h * h1
h2 = np.tanh(h2_raw)
y2 = w_y * h2
t = 'w_y * np.tanh(({w}) * np.tanh(({w}) * h0))'
u = np.exp(2j * np.pi * np.arange(48) / 48)
dw_h = (eval(t.format(w='w_h + 0.25 * u')) / u).mean().real * 4
