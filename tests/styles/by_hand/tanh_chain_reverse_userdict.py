# exercise: tanh-chain-reverse
import math
from collections import UserDict
h0, w_h, w_y = 0.5, 2.0, 40.0
h1_raw = w_h*h0; h1 = math.tanh(h1_raw); h2_raw = w_h*h1; h2 = math.tanh(h2_raw); y2 = w_y*h2

class Grad(UserDict):
    def __setitem__(self, k, v):
        super().__setitem__(k, self.get(k, 0) + v)
grad = Grad()
grad["y2"] = 1.0
grad["w_y"] = grad["y2"]*h2
grad["h2"] = grad["y2"]*w_y
grad["h2_raw"] = grad["h2"]*(1-h2**2)
grad["w_h"] = grad["h2_raw"]*h1
grad["h1"] = grad["h2_raw"]*w_h
grad["h1_raw"] = grad["h1"]*(1-h1**2)
grad["w_h"] = grad["h1_raw"]*h0
