# exercise: newton-step
import math
x, w, y = 1.5, 0.3, 0.8
tape = {}
def record(fn):
    tape[fn.__name__] = v = fn()
    return v
@record
def a(): return w * x
@record
def h(): return math.tanh(a)
@record
def r(): return h - y
@record
def loss(): return r ** 2
@record
def dr(): return 2 * r
@record
def da(): return dr * (1 - h**2)
@record
def dw(): return da * x
@record
def dh_dw(): return (1 - h**2) * x
@record
def ddr_dw(): return 2 * dh_dw
@record
def dda_dw(): return ddr_dw * (1 - h**2) - dr * 2 * h * dh_dw
@record
def d2w(): return dda_dw * x
@record
def gauss_newton(): return 2 * dh_dw ** 2
@record
def step(): return -dw / d2w
print(tape)
