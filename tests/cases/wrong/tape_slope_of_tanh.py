# exercise: tanh-chain-reverse
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0


class Node:
    def __init__(self, data, parents=()):
        self.data, self.parents, self.grad = data, parents, 0.0

    def __mul__(self, other):
        return Node(self.data * other.data, ((self, other.data), (other, self.data)))

    def tanh(self):
        t = math.tanh(self.data)
        return Node(t, ((self, 1 - t),))  #> dh2_raw wrong, first

    def back(self, upstream):
        self.grad += upstream
        for parent, slope in self.parents:
            parent.back(upstream * slope)


a, b, c = Node(h0), Node(w_h), Node(w_y)
n1_raw = b * a
n1 = n1_raw.tanh()
n2_raw = b * n1
n2 = n2_raw.tanh()
out = c * n2
out.back(1.0)
dy2, dw_y, dh2, dh2_raw = out.grad, c.grad, n2.grad, n2_raw.grad
dh1, dh1_raw, dw_h = n1.grad, n1_raw.grad, b.grad
# #> dh1_raw carried by dh2_raw
# #> dh1 carried
# #> dw_h carried
