# exercise: tanh-chain-reverse
# An object is made with its two weights in the wrong order.
import numpy as np
class Net:
    def __init__(self, w_h, w_y):
        self.w_h = w_h
        self.w_y = w_y
    def forward(self, h0):
        self.h0 = h0
        self.h1_raw = self.w_h*h0
        self.h1 = np.tanh(self.h1_raw)  #> h1 carried by h1_raw
        self.h2_raw = self.w_h*self.h1  #> h2_raw carried by h1_raw
        self.h2 = np.tanh(self.h2_raw)  #> h2 carried by h1_raw
        return self.w_y*self.h2  #> y2 carried by h1_raw
    def backward(self, dy2):
        self.dw_y = dy2*self.h2  #> dw_y carried by h1_raw
        self.dh2 = dy2*self.w_y
        self.dh2_raw = self.dh2*(1-self.h2**2)  #> dh2_raw carried by h1_raw
        self.dh1 = self.dh2_raw*self.w_h  #> dh1 carried by h1_raw
        self.dh1_raw = self.dh1*(1-self.h1**2)  #> dh1_raw carried by h1_raw
        self.dw_h = self.dh2_raw*self.h1 + self.dh1_raw*self.h0  #> dw_h carried by h1_raw
h0=.5; w_h=2.; w_y=40.
net = Net(w_y, w_h)  #> h1_raw wrong, first; unnamed; put w_h, w_y
y2 = net.forward(h0)
dy2 = 1.
net.backward(dy2)
