# exercise: tanh-chain-reverse
# A later cell derives a step anew, with a mistake, and goes on from there: what it goes on with is judged.
import math

h0, w_h, w_y = 0.5, 2.0, 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2

# %%
dy2 = 1.0
dw_y = h2
dh2 = w_y * dy2
dh2_raw = (1 - h2**2) * dh2

# %%
dh2_raw = (1 + h2**2) * dh2  #> dh2_raw wrong, first; put 1 - h2**2
dh1 = w_h * dh2_raw  #> dh1 carried by dh2_raw
dh1_raw = (1 - h1**2) * dh1  #> dh1_raw carried by dh2_raw
dw_h = h0 * dh1_raw + h1 * dh2_raw  #> dw_h carried by dh2_raw
