# exercise: tanh-chain-reverse
# A layer keeps what it was handed where what it returns is needed.
import numpy as np
class Tanh:
    def forward(self, x):
        self.x = x
        self.y = x  #> dh2_raw wrong, first; unnamed; put np.tanh(x)
        return np.tanh(x)
    def backward(self, dy):
        return dy*(1-self.y**2)  #> dh1_raw carried by dh2_raw
class Mul:
    def forward(self, w, x):
        self.w, self.x = w, x
        return w*x
    def backward(self, dout):
        return dout*self.x, dout*self.w
h0=.5; w_h=2.; w_y=40.
m1, t1, m2, t2, m3 = Mul(), Tanh(), Mul(), Tanh(), Mul()
h1_raw = m1.forward(w_h, h0); h1 = t1.forward(h1_raw); h2_raw = m2.forward(w_h, h1); h2 = t2.forward(h2_raw); y2 = m3.forward(w_y, h2)
dy2 = 1
dw_y, dh2 = m3.backward(dy2)
dh2_raw = t2.backward(dh2)
dw2, dh1 = m2.backward(dh2_raw)  #> dh1 carried by dh2_raw
dh1_raw = t1.backward(dh1)
dw1, dh0 = m1.backward(dh1_raw)
dw_h = dw1 + dw2  #> dw_h carried by dh2_raw
