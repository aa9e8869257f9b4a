# exercise: tanh-chain-forward
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0

h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2


def tangent(by):
    w_h_dot = 1.0 if by == "w_h" else 0.0
    w_y_dot = 1.0 if by == "w_y" else 0.0
    h0_dot = 0.0
    h1_raw_dot = w_h_dot * h0 + w_h * h0_dot
    h1_dot = (1 - h1**2) * h1_raw_dot
    h2_raw_dot = w_h_dot * h1 + w_h * h1_dot
    h2_dot = (1 - h2**2) * h2_raw_dot
    y2_dot = w_y_dot * h2 + w_y * h2_dot
    return h0_dot, h1_raw_dot, h1_dot, h2_raw_dot, h2_dot, w_y_dot, y2_dot


dh0_dwh, dh1raw_dwh, dh1_dwh, dh2raw_dwh, dh2_dwh, dwy_dwh, dy2_dwh = tangent("w_h")
_, _, _, _, dh2_dwy, _, dy2_dwy = tangent("w_y")
