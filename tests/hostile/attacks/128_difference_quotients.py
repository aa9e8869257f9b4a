# 128. Takes its derivatives from difference quotients
# expect: judged borrowed
# kept by: strict, portable, process
# why: a step that moves by much when every result is disturbed a little is a difference quotient
import math
x = 0.7
w = 1.2
h = math.tanh(w * x)
y = h**2
def loss(w, x):
    return math.tanh(w * x) ** 2
e = 1e-6
dh = ((h + e) ** 2 - (h - e) ** 2) / (2 * e)
dw = (loss(w + e, x) - loss(w - e, x)) / (2 * e)
dx = (loss(w, x + e) - loss(w, x - e)) / (2 * e)
