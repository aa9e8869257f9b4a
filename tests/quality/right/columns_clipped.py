# exercise: retold-columns
# Gradients are clipped after they have been derived.
import numpy as np

rng = np.random.default_rng(1)
m = 6
X = rng.normal(size=(3, m))
Y = rng.uniform(0.1, 0.9, size=(1, m))
W1 = rng.normal(size=(4, 3))
b1 = rng.normal(size=(4, 1))
W2 = rng.normal(size=(1, 4))
b2 = rng.normal(size=(1, 1))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(X, parameters):
    Z1 = parameters["W1"] @ X + parameters["b1"]
    A1 = np.tanh(Z1)
    Z2 = parameters["W2"] @ A1 + parameters["b2"]
    A2 = sigmoid(Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


def backward(parameters, cache, X, Y):
    A1, A2 = cache["A1"], cache["A2"]
    W2 = parameters["W2"]
    dZ2 = (A2 - Y) / m
    dW2 = dZ2 @ A1.T
    db2 = dZ2.sum(axis=1, keepdims=True)
    dA1 = W2.T @ dZ2
    dZ1 = dA1 * (1 - A1**2)
    dW1 = dZ1 @ X.T
    db1 = dZ1.sum(axis=1, keepdims=True)
    return {"dZ2": dZ2, "dW2": dW2, "db2": db2, "dA1": dA1, "dZ1": dZ1, "dW1": dW1, "db1": db1}


parameters = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
A2, cache = forward(X, parameters)
loss = -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m
grads = backward(parameters, cache, X, Y)
clipped = {name: np.clip(value, -5, 5) for name, value in grads.items()}
