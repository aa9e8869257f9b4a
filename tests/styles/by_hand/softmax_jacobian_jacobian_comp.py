# exercise: softmax-jacobian
from math import exp
z = [0.9, -0.4, 0.3, -1.2]
u = [0.7, -1.1, 0.4, 1.6]
v = [-0.5, 1.3, 0.8, -0.6]
e = [exp(t) for t in z]
s = sum(e)
p = [t / s for t in e]
loss = sum(a * b for a, b in zip(u, p))
n = range(len(z))
δ = lambda i, j: 1.0 if i == j else 0.0
ds_dz = [e[j] for j in n]
dp_de = [[δ(i, j) / s - e[i] / s**2 for j in n] for i in n]
dp_dz = [[p[i] * (δ(i, j) - p[j]) for j in n] for i in n]
dp_v = [sum(row[j] * v[j] for j in n) for row in dp_dz]
dz = [sum(u[i] * dp_dz[i][j] for i in n) for j in n]
