# exercise: shared-weight
# The decoder's contribution is taken at what the encoder reads; the sign of the target is lost; 2 * e for e**2 / 2.

import torch

x = torch.tensor(0.6)
w = torch.tensor(1.5)

a = w * x
c = torch.tanh(a)
r = w * c
e = r - x
loss = e**2 / 2

de = 2 * e  #> de wrong, first
dr = de  #> dr carried by de
dw_decode = dr * x  #> dw_decode wrong
dc = dr * w  #> dc carried by de
da = dc * (1 - c**2)  #> da carried by de
dw_encode = da * x  #> dw_encode carried by de
dw = dw_decode + dw_encode  #> dw carried by dw_decode
dx = de + da * w  #> dx wrong
