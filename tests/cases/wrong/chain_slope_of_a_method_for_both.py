# exercise: tanh-chain-reverse
# A method that is called for both slopes differentiates `1 - t**2` once more.
# #> dh1 carried by dh2_raw
# #> dh1_raw carried by dh2_raw
# #> dw_h carried by dh2_raw

import math
from dataclasses import dataclass, field
@dataclass
class Chain:
    h0: float = 0.5
    w_h: float = 2.0
    w_y: float = 40.0
    grads: dict = field(default_factory=dict)
    def forward(self) -> float:
        self.h1_raw = self.w_h * self.h0
        self.h1 = math.tanh(self.h1_raw)
        self.h2_raw = self.w_h * self.h1
        self.h2 = math.tanh(self.h2_raw)
        self.y2 = self.w_y * self.h2
        return self.y2
    def backward(self) -> dict:
        g = self.grads
        g["y2"] = 1.0
        g["w_y"] = self.h2 * g["y2"]
        g["h2"] = self.w_y * g["y2"]
        g["h2_raw"] = self.slope(self.h2) * g["h2"]
        g["h1"] = self.w_h * g["h2_raw"]
        g["h1_raw"] = self.slope(self.h1) * g["h1"]
        g["w_h"] = self.h1 * g["h2_raw"] + self.h0 * g["h1_raw"]
        return g
    @staticmethod
    def slope(t: float) -> float:
        return 1.0 - 2 * t  #> dh2_raw wrong value, first
c = Chain()
c.forward()
print(c.backward())
