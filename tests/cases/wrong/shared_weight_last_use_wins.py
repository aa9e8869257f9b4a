# exercise: shared-weight
# `=` for each use of the weight where `+=` was meant; the target is forgotten among the uses of x.

import math

x = 0.6
w = 1.5

a = w * x
c = math.tanh(a)
r = w * c
e = r - x
loss = e**2 / 2

grads = {}
grads["de"] = e
grads["dr"] = grads["de"]
grads["dw_decode"] = c * grads["dr"]
grads["dw"] = grads["dw_decode"]
grads["dc"] = w * grads["dr"]
grads["da"] = (1 - c**2) * grads["dc"]
grads["dw_encode"] = x * grads["da"]
grads["dw"] = grads["dw_encode"]  #> dw wrong, first
grads["dx"] = w * grads["da"]  #> dx wrong
