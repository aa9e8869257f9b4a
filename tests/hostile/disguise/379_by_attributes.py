# 379. A step that is an attribute, rounded
# earns: nothing
# why: what is computed from something shifted gets another slope, and the step shows it
import math
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h*h0
h1 = tanh(h1_raw)
h2_raw = w_h*h1
h2 = tanh(h2_raw)
y2 = w_y*h2
class Q:
    def __init__(self): self.e=1e-3
    def go(self):
        e=self.e
        return round((8*(w_y*tanh((w_h+self.e)*tanh((w_h+self.e)*h0))-w_y*tanh((w_h-self.e)*tanh((w_h-self.e)*h0)))-(w_y*tanh((w_h+2*self.e)*tanh((w_h+2*self.e)*h0))-w_y*tanh((w_h-2*self.e)*tanh((w_h-2*self.e)*h0))))/(12*e),9)
dw_h=Q().go()
