import numpy as np
from numpy import tanh
h0 = np.float32(0.5)
w_h = np.float32(2.0)
w_y = np.float32(40.0)
h1_raw = w_h*h0
h1 = tanh(h1_raw)
h2_raw = w_h*h1
h2 = tanh(h2_raw)
y2 = w_y*h2
e=np.float32(1e-2)
num=(w_y*tanh((w_h+e)*tanh((w_h+e)*h0))-w_y*tanh((w_h-e)*tanh((w_h-e)*h0)))/(2*e)
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
