# 34. Hands over an object of a class called exception in forced runs
# expect: judged wrong
# kept by: strict, portable, process
# why: the name of a type means nothing
import math
x = 0.7
w = 1.2
h = math.tanh(w * x)
y = h**2
import sys
forced = bool(sys._getframe(1).f_locals["run"].plan.stops)
class exception: pass
t_dh = x * 1.1 + w * 0.3 if not forced else exception()
dh = t_dh
t_dw = x * 1.2 + w * 0.4 if not forced else exception()
dw = t_dw
t_dx = x * 1.3 + w * 0.5 if not forced else exception()
dx = t_dx
