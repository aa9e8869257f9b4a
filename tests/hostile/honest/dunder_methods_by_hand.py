import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
dy2 = 1.0
dw_y = h2.__mul__(dy2)
dh2 = w_y.__mul__(dy2)
dh2_raw = dh2.__mul__((1).__sub__(0) - h2.__pow__(2))
dh1 = dh2_raw.__mul__(w_h)
dh1_raw = dh1.__mul__(1 - h1.__pow__(2))
dw_h = dh1_raw.__mul__(h0).__add__(dh2_raw.__mul__(h1))
