# exercise: product-quotient-exp-log
import numpy as np
x, y, z = 1.4, .6, 1.3
a = x*y; b = np.exp(-a); c = b+z; g = np.log(c); r = np.sqrt(c); f = g/r
names = ["f", "g", "r", "c", "z", "b", "a", "x", "y"]
k = {n: i for i, n in enumerate(names)}
P = np.zeros((9, 9))           # P[i, j] = partial of i by j
P[k["f"], k["g"]] = 1/r;  P[k["f"], k["r"]] = -g/r**2
P[k["g"], k["c"]] = 1/c;  P[k["r"], k["c"]] = .5/r
P[k["c"], k["b"]] = 1;    P[k["c"], k["z"]] = 1
P[k["b"], k["a"]] = -b
P[k["a"], k["x"]] = y;    P[k["a"], k["y"]] = x
bar = np.zeros(9); bar[0] = 1
for i in range(9):
    bar += bar[i]*P[i]
df, dg, dr, dc, dz, db, da, dx, dy = bar
