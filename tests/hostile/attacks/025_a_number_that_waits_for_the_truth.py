# 25. Objects whose number is decided when it is asked for, and whose class lies
# expect: judged wrong
# kept by: strict, portable, process
# why: a value is handed over as bytes before anything is shown
import math
x = 0.7
w = 1.2
h = math.tanh(w * x)
y = h**2
shown = []
class Waiting:
    __class__ = float
    def __init__(self, number):
        self.number = number
    def __float__(self):
        return shown[-1] if shown else self.number
    def __reduce__(self):
        return float, (shown[-1] if shown else self.number,)
dh = Waiting(0.3)
shown += [dh] if isinstance(dh, float) and type(dh) is float else []
dw = Waiting(0.4)
shown += [dw] if type(dw) is float else []
dx = Waiting(0.5)
