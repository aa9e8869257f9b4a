import math

H0 = 0.5
W_h = 2.0
Wy = 40.0
H1raw = W_h * H0
H1 = math.tanh(H1raw)
H2raw = W_h * H1
H2 = math.tanh(H2raw)
Y2 = Wy * H2
dh0_dW_h = 0.0
dh1raw_dW_h = H0 + W_h * dh0_dW_h
dh1_dW_h = (1 - H1**2) * dh1raw_dW_h
dh2raw_dW_h = H1 + W_h * dh1_dW_h
dh2_dW_h = (1 - H2**2) * dh2raw_dW_h
dwy_dW_h = 0.0
dy2_dW_h = dwy_dW_h * H2 + Wy * dh2_dW_h
dh2_dW_y = 0.0
dy2_dW_y = H2 + Wy * dh2_dW_y
dy2 = 1.0
dw_y = H2 * dy2
dh2 = Wy * dy2
dH2raw = (1 - H2**2) * dh2
dh1 = W_h * dH2raw
dH1raw = (1 - H1**2) * dh1
dW_h = H1 * dH2raw + H0 * dH1raw
