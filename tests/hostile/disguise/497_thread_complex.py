# 497. A derivative taken in a thread: thread complex
# earns: nothing
# why: a thread of the submission runs where it is started, and is disturbed as everything else
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import threading, cmath
box = []
def go():
    w = complex(w_h, 1e-30)
    box.append((w_y * cmath.tanh(w * cmath.tanh(w * h0))).imag / 1e-30)
t = threading.Thread(target=go); t.start(); t.join()
dw_h = box[0]
