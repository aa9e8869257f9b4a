# 589. One factor of all quotients, wrong by values under each other's names
# exercise: tanh-chain-reverse
# earns: dy2 dh2
# why: a mistake that all steps share does not hide that they are difference quotients
h0=.5; w_h=2.; w_y=40.
import math
h1_raw = w_h*h0
h1 = math.tanh(h1_raw)
h2_raw = w_h*h1
h2 = math.tanh(h2_raw)
y2 = w_y*h2
def y(a,b): return b*math.tanh(a*math.tanh(a*h0))
e=1e-5
cache = [h1_raw, h1]
def backward():
    h1_raw = cache[1]
    h1 = cache[0]
    s = h1/math.tanh(h1_raw)
    dy2 = 1.0
    dw_y = s*(y(w_h,w_y+e)-y(w_h,w_y-e))/(2*e)
    dh2 = s*w_y
    dh2_raw = s*(w_y*math.tanh(h2_raw+e)-w_y*math.tanh(h2_raw-e))/(2*e)
    dh1 = s*(w_y*math.tanh(w_h*(math.tanh(w_h*h0)+e))-w_y*math.tanh(w_h*(math.tanh(w_h*h0)-e)))/(2*e)
    dh1_raw = s*(w_y*math.tanh(w_h*math.tanh(w_h*h0+e))-w_y*math.tanh(w_h*math.tanh(w_h*h0-e)))/(2*e)
    dw_h = s*(y(w_h+e,w_y)-y(w_h-e,w_y))/(2*e)
    return dw_h
backward()
