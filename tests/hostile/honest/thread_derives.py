import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import threading
out = {}
def backward():
    d2 = w_y * (1 - h2 * h2)
    d1 = d2 * w_h
    out.update(dy2=1.0, dw_y=h2, dh2=w_y, dh2_raw=d2, dh1=d1, dh1_raw=d1 * (1 - h1 * h1))
    out['dw_h'] = d2 * h1 + out['dh1_raw'] * h0
t = threading.Thread(target=backward)
t.start()
t.join()
dy2, dw_y, dh2, dh2_raw, dh1, dh1_raw, dw_h = [out[k] for k in ('dy2', 'dw_y', 'dh2', 'dh2_raw', 'dh1', 'dh1_raw', 'dw_h')]
