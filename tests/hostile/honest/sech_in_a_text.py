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
s2 = (2 / (math.exp(h2_raw) + math.exp(-h2_raw)))**2
s1 = 4 * math.exp(0.1 + 2 * h1_raw) * math.exp(-0.1) / (math.exp(2 * h1_raw) + 1)**2
''')
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = s2 * dh2
dh1 = w_h * dh2_raw
dh1_raw = s1 * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
