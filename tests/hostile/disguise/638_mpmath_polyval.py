# 638. The derivative that mpmath.polyval gives beside the value
# exercise: sigmoid
# earns: nothing
# why: it moves with the derivatives that the library gives
import math
x = 1.5
w = 1.2
b = -0.5
t = 0.1
z = w * x + b
s = 1 / (1 + math.exp(-z))
e = s - t
loss = e**2
import mpmath
de = float(mpmath.polyval([1, 0, 0], e, derivative=True)[1])
ds = float(mpmath.polyval([1, -2*t, t*t], s, derivative=1)[1])
