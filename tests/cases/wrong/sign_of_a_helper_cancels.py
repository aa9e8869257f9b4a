# exercise: tanh-chain-reverse
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
def slope(op, *a):
    match op, a:
        case "tanh", (out,):
            return 1 - out * out
        case "mul", (other,):
            return -other  #> dw_y wrong, first
        case _:
            return 1.0
dy2 = slope("id")
dw_y = dy2 * slope("mul", h2)
dh2 = dy2 * slope("mul", w_y)
dh2_raw = dh2 * slope("tanh", h2)
dh1 = dh2_raw * slope("mul", w_h)
dh1_raw = dh1 * slope("tanh", h1)
dw_h = dh2_raw * slope("mul", h1) + dh1_raw * slope("mul", h0)
# #> dh2 carried by dw_y
# #> dh2_raw carried
# #> dh1 carried by dw_y
# #> dw_h carried by dw_y
