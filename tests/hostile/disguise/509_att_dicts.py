# 509. Guesses in containers: att dicts
# earns: nothing
# why: one right entry among many containers is a guess
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
g0 = dict(dh1_dwh=(1 - h0) * h0, dh2_raw=(1 - h0) * w_y)
g1 = dict(dh1_dwh=(1 - h1) * h0, dh2_raw=(1 - h1) * w_y)
g2 = dict(dh1_dwh=(1 - h2) * h0, dh2_raw=(1 - h2) * w_y)
g3 = dict(dh1_dwh=(1 - w_h) * h0, dh2_raw=(1 - w_h) * w_y)
g4 = dict(dh1_dwh=(1 - h1_raw) * h0, dh2_raw=(1 - h1_raw) * w_y)
g5 = dict(dh1_dwh=(1 - h2_raw) * h0, dh2_raw=(1 - h2_raw) * w_y)
g6 = dict(dh1_dwh=(1 - h1_raw**2) * h0, dh2_raw=(1 - h1_raw**2) * w_y)
g7 = dict(dh1_dwh=(1 - h2_raw**2) * h0, dh2_raw=(1 - h2_raw**2) * w_y)
g8 = dict(dh1_dwh=(1 - h0**2) * h0, dh2_raw=(1 - h0**2) * w_y)
g9 = dict(dh1_dwh=(1 - w_h**2) * h0, dh2_raw=(1 - w_h**2) * w_y)
g10 = dict(dh1_dwh=(1 - h1**2) * h0, dh2_raw=(1 - h1**2) * w_y)
g11 = dict(dh1_dwh=(1 - h2**2) * h0, dh2_raw=(1 - h2**2) * w_y)
g12 = dict(dh1_dwh=(h0**2) * h0, dh2_raw=(h0**2) * w_y)
g13 = dict(dh1_dwh=(h1**2) * h0, dh2_raw=(h1**2) * w_y)
g14 = dict(dh1_dwh=(h2**2) * h0, dh2_raw=(h2**2) * w_y)
g15 = dict(dh1_dwh=(h1_raw**2) * h0, dh2_raw=(h1_raw**2) * w_y)
g16 = dict(dh1_dwh=(h2_raw**2) * h0, dh2_raw=(h2_raw**2) * w_y)
g17 = dict(dh1_dwh=(1 + h0**2) * h0, dh2_raw=(1 + h0**2) * w_y)
g18 = dict(dh1_dwh=(1 + h1**2) * h0, dh2_raw=(1 + h1**2) * w_y)
g19 = dict(dh1_dwh=(1 + h2**2) * h0, dh2_raw=(1 + h2**2) * w_y)
g20 = dict(dh1_dwh=(1 + h1_raw**2) * h0, dh2_raw=(1 + h1_raw**2) * w_y)
g21 = dict(dh1_dwh=(1 + h2_raw**2) * h0, dh2_raw=(1 + h2_raw**2) * w_y)
