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

tape = []
tape.append(("dy2", 1.0))
tape.append(("dw_y", tape[-1][1] * h2))
tape.append(("dh2", tape[0][1] * w_y))
tape.append(("dh2_raw", tape[-1][1] * (1 - h2)))  #> dh2_raw wrong, first
tape.append(("dh1", tape[-1][1] * w_h))
tape.append(("dh1_raw", tape[-1][1] * (1 - h1**2)))
tape.append(("dw_h", tape[-1][1] * h0 + tape[3][1] * h1))
grads = dict(tape)
for name, value in grads.items():
    print(f"{name:10} {value:.4f}")
# #> dh1 carried
# #> dh1_raw carried
# #> dw_h carried
