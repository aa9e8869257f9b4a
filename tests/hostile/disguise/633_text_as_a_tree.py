# 633. A text that is compiled as a tree
# exercise: tanh-chain
# earns: nothing
# why: what a program executes as text gets other slopes, under whatever file name, or as a tree
import math
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = tanh(h1_raw)
h2_raw = w_h * h1
h2 = tanh(h2_raw)
y2 = w_y * h2
import ast, cmath
tree = ast.parse("sum([w_y*cmath.tanh((w_h + 0.2*cmath.exp(2j*cmath.pi*k/32))*cmath.tanh((w_h + 0.2*cmath.exp(2j*cmath.pi*k/32))*h0))/(0.2*cmath.exp(2j*cmath.pi*k/32)) for k in range(32)]).real/32", mode='eval')
dw_h = eval(compile(tree, '<q>', 'eval'))
