# exercise: tanh-chain-reverse
import math
from collections import namedtuple
Node = namedtuple("Node", "value grad")
h0, w_h, w_y = 0.5, 2.0, 40.0
h1_raw = Node(w_h * h0, None)
h1 = Node(math.tanh(h1_raw.value), None)
h2_raw = Node(w_h * h1.value, None)
h2 = Node(math.tanh(h2_raw.value), None)
y2 = Node(w_y * h2.value, 1.0)
dy2 = y2.grad
dw_y = y2.grad * h2.value
h2 = h2._replace(grad=y2.grad * w_y)
dh2 = h2.grad
h2_raw = h2_raw._replace(grad=h2.grad * (1 - h2.value ** 2))
dh2_raw = h2_raw.grad
h1 = h1._replace(grad=h2_raw.grad * w_h)
dh1 = h1.grad
h1_raw = h1_raw._replace(grad=h1.grad * (1 - h1.value ** 2))
dh1_raw = h1_raw.grad
dw_h = h2_raw.grad * h1.value + h1_raw.grad * h0
