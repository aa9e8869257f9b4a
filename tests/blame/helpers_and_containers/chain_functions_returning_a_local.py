# exercise: tanh-chain-reverse
import math
h0, w_h, w_y = .5, 2., 40.
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
def dy2(): return 1.0
def dw_y():
    ergebnis = h2 * dy2()
    return ergebnis
def dh2():
    ergebnis = w_y * dy2()
    return ergebnis
def dh2_raw():
    ergebnis = (1 - h2_raw**2) * dh2()  #> guilty
    return ergebnis
def dh1():
    ergebnis = w_h * dh2_raw()
    return ergebnis
def dh1_raw():
    ergebnis = (1 - h1**2) * dh1()
    return ergebnis
def dw_h():
    ergebnis = h1 * dh2_raw() + h0 * dh1_raw()
    return ergebnis
for f in (dy2, dw_y, dh2, dh2_raw, dh1, dh1_raw, dw_h):
    print(f.__name__, f())
