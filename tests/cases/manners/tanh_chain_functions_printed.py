# exercise: tanh-chain-forward
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
def h1_raw(): return w_h * h0
def h1(): return math.tanh(h1_raw())
def h2_raw(): return w_h * h1()
def h2(): return math.tanh(h2_raw())
def y2(): return w_y * h2()
def dh0_dwh(): return 0
def dh1raw_dwh(): return h0
def dh1_dwh(): return (1 - h1() ** 2) * dh1raw_dwh()
def dh2raw_dwh(): return h1() + w_h * dh1_dwh()
def dh2_dwh(): return (1 - h2() ** 2) * dh2raw_dwh()
def dwy_dwh(): return 0
def dy2_dwh(): return w_y * dh2_dwh()
def dh2_dwy(): return 0
def dy2_dwy(): return h2()
print(dh0_dwh(), dh1raw_dwh(), dh1_dwh(), dh2raw_dwh(), dh2_dwh(), dwy_dwh(), dy2_dwh(), dh2_dwy(), dy2_dwy())
