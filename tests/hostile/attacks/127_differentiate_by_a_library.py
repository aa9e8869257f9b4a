# 127. Takes its derivatives from a library
# expect: judged borrowed
# kept by: strict, portable, process
# why: a step that moves when the library's derivatives are scaled is borrowed
import math
import sympy
x = 0.7
w = 1.2
h = math.tanh(w * x)
y = h**2
a, b, c = sympy.symbols("a b c")
dh = float(sympy.diff(a**2, a).subs(a, h))
dw = float(sympy.diff(sympy.tanh(b * c) ** 2, c).subs({b: x, c: w}))
dx = float(sympy.diff(sympy.tanh(b * c) ** 2, b).subs({b: x, c: w}))
