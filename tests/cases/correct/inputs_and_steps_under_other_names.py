import math

x, a, b = 0.5, 2.0, 40.0
p = a * x
q = math.tanh(p)
r = a * q
s = math.tanh(r)
z = b * s
dh0_dwh = 0.0
dh1raw_dwh = x + a * dh0_dwh
dh1_dwh = (1 - q**2) * dh1raw_dwh
dh2raw_dwh = q + a * dh1_dwh
dh2_dwh = (1 - s**2) * dh2raw_dwh
dwy_dwh = 0.0
dy2_dwh = dwy_dwh * s + b * dh2_dwh
dh2_dwy = 0.0
dy2_dwy = s + b * dh2_dwy
dy2 = 1.0
gb = s * dy2
dh2 = b * dy2
gr = (1 - s**2) * dh2
gq = a * gr
gp = (1 - q**2) * gq
ga = q * gr + x * gp
