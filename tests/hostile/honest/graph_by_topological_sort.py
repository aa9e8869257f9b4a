import math
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = tanh(h1_raw)
h2_raw = w_h * h1
h2 = tanh(h2_raw)
y2 = w_y * h2
from graphlib import TopologicalSorter
edges = {"y2": {"h2": w_y, "w_y": h2}, "h2": {"h2_raw": 1 - h2**2}, "h2_raw": {"h1": w_h, "w_h": h1}, "h1": {"h1_raw": 1 - h1**2}, "h1_raw": {"w_h": h0}}
order = list(TopologicalSorter(edges).static_order())[::-1]
grad = dict.fromkeys(order, 0.0); grad["y2"] = 1.0
for node in order:
    for below, local in edges.get(node, {}).items():
        grad[below] += local * grad[node]
dy2, dw_y, dh2, dh2_raw, dh1, dh1_raw, dw_h = (grad[k] for k in ("y2", "w_y", "h2", "h2_raw", "h1", "h1_raw", "w_h"))
