# exercise: relu-mlp
import numpy as np

X = np.array([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = np.array([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = np.array([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = np.array([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = np.array([0.3, -0.4])
Y = np.array([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])

params = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


def forward(params, X, Y):
    cache = {}
    cache["Z1"] = X @ params["W1"] + params["b1"]
    cache["H"] = np.maximum(cache["Z1"], 0)
    cache["O"] = cache["H"] @ params["W2"] + params["b2"]
    cache["E"] = cache["O"] - Y
    return (cache["E"] ** 2).sum() / len(X), cache


def backward(params, cache, X):
    grads = {"E": 2 * cache["E"] / len(X)}
    grads["O"] = grads["E"]
    for layer, inp in ((2, "H"), (1, "X")):
        up = grads["O"] if layer == 2 else grads["Z1"]
        source = cache["H"] if inp == "H" else X
        grads[f"W{layer}"] = source.T @ up
        grads[f"b{layer}"] = up.sum(axis=0)
        if layer == 2:
            grads["H"] = up @ params["W2"].T
            grads["mask"] = cache["Z1"] > 0
            grads["Z1"] = grads["H"] * grads["mask"]
    return grads


loss, cache = forward(params, X, Y)
grads = backward(params, cache, X)
for name in params:
    params[name] = params[name] - 0.01 * grads[name]
