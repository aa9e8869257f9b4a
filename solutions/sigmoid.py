"""A sigmoid neuron with a squared error: a worked solution with torch tensors, and without autograd.

`dz` is short for d(loss)/d(z), and so on. `ds_dz` is the one derivative here that is not of the loss: it is the slope
of the sigmoid itself.
"""

# %% What we start from
# torch computes with about seven digits unless told otherwise. For comparing derivatives sixteen are better.
import torch

torch.set_default_dtype(torch.float64)

x = torch.tensor(1.5)
w = torch.tensor(1.2)
b = torch.tensor(-0.5)
t = torch.tensor(0.1)

# %% The neuron, once forwards
z = w * x + b
s = torch.sigmoid(z)
e = s - t
loss = e**2

# %% Back through the square
# The slope of e**2 is 2 * e. With e = s - t it is positive here: the neuron says too much, a smaller e would help.
de = 2 * e

# %% Back through e = s - t
# The target stays where it is, so e moves as s does.
ds = de

# %% The slope of the sigmoid
# With u = 1 + exp(-z) we have s = 1 / u, and the chain rule has two factors:
#     slope of 1 / u by u:   -1 / u**2
#     slope of u by z:       -exp(-z)
# Their product is exp(-z) / u**2. Now exp(-z) = u - 1, so it is
#     (u - 1) / u**2  =  1 / u - 1 / u**2  =  s - s**2  =  s * (1 - s)
# It is written with the OUTPUT s. The expression z * (1 - z) is another thing: it is negative as soon as z > 1, but a
# sigmoid never falls.
ds_dz = s * (1 - s)

# %% Back through s = sigmoid(z)
# What arrives, times the slope.
dz = ds * ds_dz

# %% Back through z = w * x + b
# To each factor of the product, what arrives times the other factor; to the summand b, what arrives.
dw = dz * x
db = dz
dx = dz * w

print(f"loss = {loss:.6f}")
print(f"dw = {dw:.6f}, db = {db:.6f}, dx = {dx:.6f}")

# %% What it means: a neuron that is surely wrong learns slowly
# With s close to 1 and the target close to 0 the error is as large as it can be, but the factor s * (1 - s) is close to
# 0 as well, and it wins.
for far in (0.0, 2.0, 5.0, 10.0):
    there = torch.sigmoid(torch.tensor(far))
    print(f"z = {far:5.1f}   error {there - t:9.6f}   dz {2 * (there - t) * there * (1 - there):9.6f}")


# %% Check 1: nudge
def loss_for(w, b, x):
    return (1 / (1 + torch.exp(-(w * x + b))) - t) ** 2


tiny = 1e-5
nudged_w = (loss_for(w + tiny, b, x) - loss_for(w - tiny, b, x)) / (2 * tiny)
nudged_b = (loss_for(w, b + tiny, x) - loss_for(w, b - tiny, x)) / (2 * tiny)
nudged_x = (loss_for(w, b, x + tiny) - loss_for(w, b, x - tiny)) / (2 * tiny)
torch.testing.assert_close(torch.stack([dw, db, dx]), torch.stack([nudged_w, nudged_b, nudged_x]))
print("The nudged neuron agrees.")

# %% Check 2: autograd
# The copies below are the first tensors of which torch is asked to keep a record.
leaves = [one.clone().requires_grad_() for one in (w, b, x)]
((torch.sigmoid(leaves[0] * leaves[2] + leaves[1]) - t) ** 2).backward()
for name, by_hand, leaf in zip("wbx", (dw, db, dx), leaves, strict=True):
    print(f"by {name}: {by_hand:.6f} by hand, {leaf.grad:.6f} by autograd")
    torch.testing.assert_close(by_hand, leaf.grad)
