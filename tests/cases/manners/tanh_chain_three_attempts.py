# exercise: tanh-chain-reverse
# %%
import math
h0, w_h, w_y = 0.5, 2.0, 40.0
h1_raw = w_h*h0; h1 = math.tanh(h1_raw); h2_raw = w_h*h1; h2 = math.tanh(h2_raw); y2 = w_y*h2
# %%
# 1st try (wrong!! forgot the tanh)
dy2 = 1.0
dw_y = h2
dh2 = w_y
dh2_raw = dh2
dh1 = dh2_raw * w_h
dh1_raw = dh1
dw_h = dh2_raw*h1 + dh1_raw*h0
eps = 1e-6
f = lambda w: w_y*math.tanh(w*math.tanh(w*h0))
print(dw_h, (f(w_h+eps)-f(w_h-eps))/(2*eps))
# %%
# 2nd try
dh2_raw = dh2*(1-h2_raw**2)
dh1 = dh2_raw * w_h
dh1_raw = dh1*(1-h1_raw**2)
dw_h = dh2_raw*h1 + dh1_raw*h0
print(dw_h, (f(w_h+eps)-f(w_h-eps))/(2*eps))
# %%
# 3rd try: matches!
dh2_raw = dh2*(1-h2**2)
dh1 = dh2_raw * w_h
dh1_raw = dh1*(1-h1**2)
dw_h = dh2_raw*h1 + dh1_raw*h0
assert abs(dw_h - (f(w_h+eps)-f(w_h-eps))/(2*eps)) < 1e-4
