# exercise: tanh-chain
# The square is taken of what goes into tanh, in a class.
# After discuss.pytorch.org/t/187917.

import math


class Chain:
    def __init__(self, h0, w_h, w_y):
        self.h0 = h0
        self.w_h = w_h
        self.w_y = w_y

    def forward(self):
        self.h1_raw = self.w_h * self.h0
        self.h1 = math.tanh(self.h1_raw)
        self.h2_raw = self.w_h * self.h1
        self.h2 = math.tanh(self.h2_raw)
        self.y2 = self.w_y * self.h2

    def tangents(self):
        self.dh0_dwh = 0.0
        self.dh1raw_dwh = self.h0 + self.w_h * self.dh0_dwh
        self.dh1_dwh = (1 - self.h1**2) * self.dh1raw_dwh
        self.dh2raw_dwh = self.h1 + self.w_h * self.dh1_dwh
        self.dh2_dwh = (1 - self.h2**2) * self.dh2raw_dwh
        self.dwy_dwh = 0.0
        self.dy2_dwh = self.dwy_dwh * self.h2 + self.w_y * self.dh2_dwh
        self.dh2_dwy = 0.0
        self.dy2_dwy = self.h2 + self.w_y * self.dh2_dwy

    def adjoints(self):
        self.dy2 = 1.0
        self.dw_y = self.h2 * self.dy2
        self.dh2 = self.w_y * self.dy2
        self.dh2_raw = (1 - self.h2_raw**2) * self.dh2  #> dh2_raw wrong, first; code tanh-derivative-on-pre-activation; put self.h2
        self.dh1 = self.w_h * self.dh2_raw  #> dh1 carried
        self.dh1_raw = (1 - self.h1_raw**2) * self.dh1  #> dh1_raw wrong; code tanh-derivative-on-pre-activation; put self.h1
        self.dw_h = self.h1 * self.dh2_raw + self.h0 * self.dh1_raw  #> dw_h carried


chain = Chain(0.5, 2.0, 40.0)
chain.forward()
chain.tangents()
chain.adjoints()
