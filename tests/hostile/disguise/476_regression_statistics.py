# 476. A slope from function values, by another route: regression statistics
# earns: nothing
# why: the function has another slope in one run, whatever evaluates it
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import statistics
xs = [w_h + i * 1e-5 for i in range(-5, 6)]
dw_h = statistics.linear_regression(xs, [w_y * math.tanh(x * math.tanh(x * h0)) for x in xs]).slope
