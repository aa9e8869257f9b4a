# 518. Values around a weight in a text that is executed: text chebyshev
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
exec('''
k = np.arange(24)
x = np.cos((2 * k + 1) * np.pi / 48)
v = w_y * np.tanh((w_h + x / 4) * np.tanh((w_h + x / 4) * h0))
c = np.linalg.solve(np.polynomial.chebyshev.chebvander(x, 23), v)
dw_h = float(sum(c[j] * j * np.sin(j * np.pi / 2) for j in range(24)) * 4)
''')
