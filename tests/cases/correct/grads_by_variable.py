import math

p = {"h0": 0.5, "w_h": 2.0, "w_y": 40.0}
a = dict(h1_raw=p["w_h"] * p["h0"])
a["h1"] = math.tanh(a["h1_raw"])
a["h2_raw"] = p["w_h"] * a["h1"]
a["h2"] = math.tanh(a["h2_raw"])
a["y2"] = p["w_y"] * a["h2"]

grads = {"y2": 1.0}
grads["w_y"] = a["h2"] * grads["y2"]
grads["h2"] = p["w_y"] * grads["y2"]
grads["h2_raw"] = (1 - a["h2"] ** 2) * grads["h2"]
grads["h1"] = p["w_h"] * grads["h2_raw"]
grads["h1_raw"] = (1 - a["h1"] ** 2) * grads["h1"]
grads["w_h"] = a["h1"] * grads["h2_raw"] + p["h0"] * grads["h1_raw"]

h0, w_h, w_y, h1, h2 = p["h0"], p["w_h"], p["w_y"], a["h1"], a["h2"]
dh0_dwh = 0.0
dh1raw_dwh = h0 + w_h * dh0_dwh
dh1_dwh = (1 - h1**2) * dh1raw_dwh
dh2raw_dwh = h1 + w_h * dh1_dwh
dh2_dwh = (1 - h2**2) * dh2raw_dwh
dwy_dwh = 0.0
dy2_dwh = dwy_dwh * h2 + w_y * dh2_dwh
dh2_dwy = 0.0
dy2_dwy = h2 + w_y * dh2_dwy
