# exercise: tanh-chain
# The square is taken of what goes into tanh, gradients in a dictionary.
# After discuss.pytorch.org/t/187917.

import math

h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2

grads = {}
grads["dh0_dwh"] = 0.0
grads["dh1raw_dwh"] = h0 + w_h * grads["dh0_dwh"]
grads["dh1_dwh"] = (1 - h1**2) * grads["dh1raw_dwh"]
grads["dh2raw_dwh"] = h1 + w_h * grads["dh1_dwh"]
grads["dh2_dwh"] = (1 - h2**2) * grads["dh2raw_dwh"]
grads["dwy_dwh"] = 0.0
grads["dy2_dwh"] = grads["dwy_dwh"] * h2 + w_y * grads["dh2_dwh"]
grads["dh2_dwy"] = 0.0
grads["dy2_dwy"] = h2 + w_y * grads["dh2_dwy"]
grads["dy2"] = 1.0
grads["dw_y"] = h2 * grads["dy2"]
grads["dh2"] = w_y * grads["dy2"]
grads["dh2_raw"] = (1 - h2_raw**2) * grads["dh2"]  #> dh2_raw wrong, first; code tanh-derivative-on-pre-activation
grads["dh1"] = w_h * grads["dh2_raw"]  #> dh1 carried
grads["dh1_raw"] = (1 - h1_raw**2) * grads["dh1"]  #> dh1_raw wrong; code tanh-derivative-on-pre-activation
grads["dw_h"] = h1 * grads["dh2_raw"] + h0 * grads["dh1_raw"]  #> dw_h carried
