# exercise: tanh-chain
# A namedtuple of parameters, gradients in a nested dict, a copy-paste of the wrong activation.
from collections import namedtuple
from math import tanh
Params = namedtuple("Params", ["w_h", "w_y"])
p = Params(2.0, 40.0)
states = [0.5]
raws = [None]
for step in (1, 2):
    raws.append(p.w_h * states[-1])
    states.append(tanh(raws[-1]))
h1, h2 = states[1:]
h1_raw, h2_raw = raws[1:]
y2 = p.w_y * h2
fwd = {}
fwd["dh0_dwh"] = 0
fwd["dh1raw_dwh"] = states[0]
fwd["dh1_dwh"] = (1 - h1**2) * fwd["dh1raw_dwh"]
fwd["dh2raw_dwh"] = h1 + p.w_h * fwd["dh1_dwh"]
fwd["dh2_dwh"] = (1 - h1**2) * fwd["dh2raw_dwh"]  #> dh2_dwh wrong, first
fwd["dwy_dwh"] = 0
fwd["dy2_dwh"] = p.w_y * fwd["dh2_dwh"]  #> dy2_dwh carried by dh2_dwh
fwd["dh2_dwy"] = 0
fwd["dy2_dwy"] = h2
back = dict(dy2=1)
back["dw_y"] = h2
back["dh2"] = p.w_y
back["dh2_raw"] = back["dh2"] * (1 - h2**2)
back["dh1"] = back["dh2_raw"] * p.w_h
back["dh1_raw"] = back["dh1"] * (1 - h1**2)
back["dw_h"] = back["dh2_raw"] * h1 + back["dh1_raw"] * states[0]
