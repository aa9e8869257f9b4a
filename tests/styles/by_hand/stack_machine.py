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
stack = [1.0]
dy2 = stack[-1]
stack.append(stack[-1] * w_y)
dw_y = stack[0] * h2
dh2 = stack[-1]
stack.append(stack[-1] * (1 - h2**2)); dh2_raw = stack[-1]
stack.append(stack[-1] * w_h); dh1 = stack[-1]
stack.append(stack[-1] * (1 - h1**2)); dh1_raw = stack[-1]
dw_h = stack[2] * h1 + stack[4] * h0
