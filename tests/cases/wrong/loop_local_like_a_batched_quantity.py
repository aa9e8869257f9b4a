# exercise: loop-local
import numpy as np
x = np.random.randn(3, 4)
g = np.random.randn(3)
dg = np.zeros(3)
dx = np.zeros((3, 4))
for n in range(3):
    s = np.sum(x[n] ** 2)
    dg[n] = s
    dx[n] = g[n] * x[n]  #> dx wrong, first
# #> s missing
# #> L missing
