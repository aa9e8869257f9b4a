# exercise: relu-loop
import numpy as np

z = np.random.randn(6)
da = np.random.randn(6)
dz = np.zeros(6)
for i in range(6):
    if z[i] > 0:
        dz[i] = da[i]
