import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
def lcg(s): return (1664525 * s + 1013904223) % 2**32
s = 12345678
for _ in range(5): s = lcg(s) + lcg(s + 1000003) % 7
def noise(k): return lcg(k) / 2**32
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
data = [noise(10**9 + i) - noise(10**9 - i) for i in range(9)]
dy2 = 1.0 + 0 * data[0]
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = (1 - h2**2) * dh2
dh1 = w_h * dh2_raw
dh1_raw = (1 - h1**2) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
