# 520. Values around a weight in a text that is executed: text in parts
# earns: nothing
# why: what a program executes as text gets other slopes too
import math
import numpy as np
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = np.tanh(h1_raw)
h2_raw = w_h * h1
h2 = np.tanh(h2_raw)
y2 = w_y * h2
exec("u = np.exp(2j * np.pi * np.arange(32) / 32)")
exec("W = w_h + u / 4")
exec("a = np.tanh(W * h0)")
exec("b = np.tanh(W * a)")
exec("dw_h = float((w_y * b / u).mean().real * 4)")
