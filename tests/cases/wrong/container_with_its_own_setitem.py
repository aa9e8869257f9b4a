# exercise: relu-mlp
import numpy as np
X = np.array([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = np.array([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = np.array([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = np.array([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = np.array([0.3, -0.4])
Y = np.array([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])
Z1 = X @ W1 + b1
H = np.maximum(Z1, 0)
O = H @ W2 + b2
E = O - Y
loss = (E ** 2).sum() / 4
class Frame:
    def __init__(self, **cols): self.__dict__.update(cols)
    def __setitem__(self, k, v): setattr(self, k, v)
    def __getitem__(self, k): return getattr(self, k)
g = Frame()
g["dE"] = 2 * E / len(E)
g["dO"] = g["dE"]
g["dW2"] = H.T @ g["dO"]
g["db2"] = g["dO"].sum(axis=0)
g["dH"] = 2 * g["dO"] @ W2.T  #> dH wrong, first
g["mask"] = np.sign(H)
g["dZ1"] = g["dH"] * g["mask"]
g["dW1"] = X.T @ g["dZ1"]
g["db1"] = g["dZ1"].sum(axis=0)
for k in vars(g): print(k, g[k].shape)
# #> dZ1 carried by dH
# #> dW1 carried
# #> db1 carried
