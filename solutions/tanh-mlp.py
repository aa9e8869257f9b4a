"""Two layers of tanh for a batch: a worked solution as two functions, with torch tensors and without autograd.

`dZ1` is short for d(loss)/d(Z1), and so on; it has the shape of Z1.
"""

# %% What we start from
import torch

torch.set_default_dtype(torch.float64)

X = torch.tensor([[0.6, -1.1, 0.4], [-0.9, 0.5, 1.3], [1.2, 0.8, -0.5], [-0.4, -0.7, -1.2], [0.3, 1.4, 0.9]])
W1 = torch.tensor([[0.5, -0.8, 0.3, 0.7], [-0.6, 0.4, 0.9, -0.2], [0.7, 0.6, -0.4, 0.5]])
b1 = torch.tensor([0.2, -0.3, 0.1, -0.1])
W2 = torch.tensor([[0.9, -0.4], [-0.7, 0.6], [0.3, 0.8], [0.5, -1.1]])
b2 = torch.tensor([-0.2, 0.3])
Y = torch.tensor([[0.5, -0.6], [-0.3, 0.7], [0.8, 0.2], [-0.5, -0.9], [0.4, 0.6]])


# %% The way forward stores
# What will the way back read?
#     through the squares        H2 and Y
#     through the second tanh    its slope, 1 - H2**2:  H2 again
#     through H1 @ W2            the factors H1 and W2
#     through the first tanh     its slope, 1 - H1**2:  H1 again
#     through X @ W1             the factors X and W1
# Z1 and Z2 are not on the list. The slope of tanh is written with what comes out of it, so what went in can be let go.
# (The biases are not on it either: what is added leaves no trace in a derivative.)
def forward(X, W1, b1, W2, b2, Y):
    Z1 = X @ W1 + b1
    H1 = torch.tanh(Z1)
    Z2 = H1 @ W2 + b2
    H2 = torch.tanh(Z2)
    loss = ((H2 - Y) ** 2).mean()
    return loss, (X, W1, H1, W2, H2, Y)


# %% The way back reads
# Two kinds of product, and it matters which is which. An activation acts entry by entry, so its slope is multiplied
# entry by entry, with `*`. A layer mixes entries, so it is undone by a matrix product, with `@`, and the transposes are
# those that make the shapes agree.
def backward(cache):
    X, W1, H1, W2, H2, Y = cache

    # The mean is over all 10 entries. Each has a share of 1 / 10 in it, and the slope of its square is 2 * (H2 - Y).
    dH2 = 2 * (H2 - Y) / Y.numel()

    # H2 = tanh(Z2), entry by entry
    dZ2 = dH2 * (1 - H2**2)

    # Z2 = H1 @ W2 + b2
    dW2 = H1.T @ dZ2  # (4, 5) @ (5, 2), a sum over the observations
    db2 = dZ2.sum(dim=0)  # the same bias in each row: a sum over the rows
    dH1 = dZ2 @ W2.T  # (5, 2) @ (2, 4), a sum over the units that H1 goes to

    # H1 = tanh(Z1), entry by entry
    dZ1 = dH1 * (1 - H1**2)

    # Z1 = X @ W1 + b1: the layer above once more, with X for H1
    dW1 = X.T @ dZ1
    db1 = dZ1.sum(dim=0)
    dX = dZ1 @ W1.T

    return {"dX": dX, "dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


# %% Once forwards, once back
loss, cache = forward(X, W1, b1, W2, b2, Y)
grads = backward(cache)
print(f"loss = {loss:.6f}")
for name, gradient in grads.items():
    print(f"{name:4} {tuple(gradient.shape)!s:7} largest entry {gradient.abs().max():.6f}")

# %% Check 1: nudge along the gradient
# One nudge can test all entries of an array at once. Moved by a tiny amount in the direction of its gradient, the loss
# must change by that amount times the sum of the squares of the gradient.
arrays = {"X": X, "W1": W1, "b1": b1, "W2": W2, "b2": b2}
tiny = 1e-6
for name, array in arrays.items():
    gradient = grads[f"d{name}"]
    up, _ = forward(**(arrays | {name: array + tiny * gradient}), Y=Y)
    down, _ = forward(**(arrays | {name: array - tiny * gradient}), Y=Y)
    torch.testing.assert_close((up - down) / (2 * tiny), (gradient**2).sum(), rtol=1e-5, atol=1e-9)
print("Nudging each array along its gradient agrees.")

# %% Check 2: autograd
# The copies below are the first tensors of which torch is asked to keep a record.
leaves = {name: array.clone().requires_grad_() for name, array in arrays.items()}
forward(**leaves, Y=Y)[0].backward()
for name, leaf in leaves.items():
    torch.testing.assert_close(grads[f"d{name}"], leaf.grad)
print("autograd agrees.")
