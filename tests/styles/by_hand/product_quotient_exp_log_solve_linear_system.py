# exercise: product-quotient-exp-log
import numpy as np
x, y, z = 1.4, .6, 1.3
a = x*y; b = np.exp(-a); c = b+z; g = np.log(c); r = np.sqrt(c); f = g/r
order = "f g r c z b a x y".split()
A = np.eye(9)
def edge(of, by, slope): A[order.index(by), order.index(of)] -= slope
edge("f", "g", 1/r); edge("f", "r", -f/r); edge("g", "c", 1/c); edge("r", "c", 1/(2*r)); edge("c", "z", 1); edge("c", "b", 1)
edge("b", "a", -b); edge("a", "x", y); edge("a", "y", x)
adj = dict(zip(order, np.linalg.solve(A, np.eye(9)[0])))
df, dg, dr, dc, dz, db, da, dx, dy = (adj[n] for n in order)
