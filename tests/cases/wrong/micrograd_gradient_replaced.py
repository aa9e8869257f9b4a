# exercise: tanh-chain-reverse
# A tape of objects; a product sets the gradient of a weight that is used twice.

import math
class Value:
    def __init__(self, data, children=(), op=""):
        self.data, self.grad, self._prev, self._op = data, 0.0, set(children), op
        self._backward = lambda: None
    def __mul__(self, other):
        out = Value(self.data * other.data, (self, other), "*")
        def _backward():
            self.grad = other.data * out.grad  #> dw_h wrong value, first; code contribution-overwritten; put +=
            other.grad += self.data * out.grad
        out._backward = _backward
        return out
    def tanh(self):
        t = math.tanh(self.data)
        out = Value(t, (self,), "tanh")
        def _backward():
            self.grad += (1 - t**2) * out.grad
        out._backward = _backward
        return out
    def backward(self):
        topo, visited = [], set()
        def build(v):
            if v not in visited:
                visited.add(v)
                for child in v._prev:
                    build(child)
                topo.append(v)
        build(self)
        self.grad = 1.0
        for node in reversed(topo):
            node._backward()

h0, w_h, w_y = 0.5, 2.0, 40.0
V0, Wh, Wy = Value(h0), Value(w_h), Value(w_y)
H1r = Wh * V0
H1 = H1r.tanh()
H2r = Wh * H1
H2 = H2r.tanh()
Y2 = Wy * H2
Y2.backward()
h1_raw, h1, h2_raw, h2, y2 = H1r.data, H1.data, H2r.data, H2.data, Y2.data
dy2 = Y2.grad
dw_y = Wy.grad
dh2 = H2.grad
dh2_raw = H2r.grad
dh1 = H1.grad
dh1_raw = H1r.grad
dw_h = Wh.grad
