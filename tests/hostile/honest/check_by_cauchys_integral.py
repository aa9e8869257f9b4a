import numpy as np
from numpy import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h*h0
h1 = tanh(h1_raw)
h2_raw = w_h*h1
h2 = tanh(h2_raw)
y2 = w_y*h2
k=np.arange(32)
z=w_h+0.3*np.exp(2j*np.pi*k/32)
f=w_y*np.tanh(z*np.tanh(z*h0))
num=float((f*np.exp(-2j*np.pi*k/32)).mean().real/0.3)
dh0_dwh = 0.0
dwy_dwh = 0.0
dh2_dwy = 0.0
dh1raw_dwh = h0
dh1_dwh = (1 - h1**2)*dh1raw_dwh
dh2raw_dwh = h1 + w_h*dh1_dwh
dh2_dwh = (1 - h2**2)*dh2raw_dwh
dy2_dwh = w_y*dh2_dwh
dy2_dwy = h2
dy2 = 1.0
dw_y = h2*dy2
dh2 = w_y*dy2
dh2_raw = (1 - h2**2)*dh2
dh1 = w_h*dh2_raw
dh1_raw = (1 - h1**2)*dh1
dw_h = h1*dh2_raw + h0*dh1_raw
assert abs(num-dw_h)<1e-9
