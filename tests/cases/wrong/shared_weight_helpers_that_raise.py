# exercise: shared-weight
# Half done: NotImplementedError, an endless recursion, and a name used before it is bound.
import numpy as np
x, w = 0.6, 1.5
a = w*x; c = np.tanh(a); r = w*c; e = r-x; loss = e**2/2
de = e
dr = de
def back(v):
    return back(v)*w
dw_decode = dr*c
dc = back(dr)  #> dc unjudged raised
da = dc*(1-c**2)  #> da carried
def grad_encode():
    raise NotImplementedError
dw_encode = grad_encode()  #> dw_encode missing placeholder
dw = dw_encode + dw_decode  #> dw carried
dx = dx_direct + da*w  #> dx wrong raised, first
