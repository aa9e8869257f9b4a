"""Scaled dot-product attention with one head: a worked solution.

Attention is four matrix products with a softmax in the middle, so two rules are enough.

A matrix product. From A @ B with D arriving, A gets D @ B.T and B gets A.T @ D. Of the four ways to set the letters and
the transposes, only one has the right shapes, as long as all sizes differ. Here they do.

The softmax of a row. Its entries share out a whole, so what one of them gains the others lose.
"""

# %% What we start from
# Four positions look into a memory of five. dout stands for whatever the rest of the network would send back.
import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
x = torch.randn(4, 6)
memory = torch.randn(5, 7)
Wq = torch.rand(6, 3) - 0.5
Wk = torch.rand(7, 3) - 0.5
Wv = torch.randn(7, 2)
dout = torch.randn(4, 2)

# %% The program
# The scores are inner products, divided by the root of their length so that they do not grow with it. A row of scores
# belongs to one query, so the softmax goes along the rows: axis 1.
scale = 3**-0.5
q = x @ Wq
k = memory @ Wk
v = memory @ Wv
scores = q @ k.T * scale
weights = torch.softmax(scores, dim=1)
out = weights @ v
loss = (dout * out).sum()

# %% Back through out = weights @ v
# The first rule, twice: (4, 2) times (2, 5), and (5, 4) times (4, 2).
dweights = dout @ v.T
dv = weights.T @ dout

# %% Back through the softmax
# Take one row, with the weights p. The slope of one weight by one score is
#
#     d(p_j)/d(s_i) = p_i * ((1 if i is j, else 0) - p_j)
#
# so the score i collects, with g for what arrives at the weights,
#
#     p_i * (g_i - sum over j of p_j * g_j)
#
# Read it like this: what arrives at a weight counts only by how much it differs from the row's weighted mean. Leaving
# the mean away, p * g or p * (1 - p) * g, treats the weights as if each could change alone.
mean_of_row = (dweights * weights).sum(1, keepdim=True)
dscores = weights * (dweights - mean_of_row)

# %% Back through scores = q @ k.T * scale
# The first rule again, for the factors q and k.T; for k itself the result is transposed once more. The scale is a
# factor forwards, so it is a factor backwards, for both.
dq = dscores @ k * scale
dk = dscores.T @ q * scale

# %% Back through the three linear maps
# The first rule three times.
dWq = x.T @ dq
dx = dq @ Wq.T
dWk = memory.T @ dk
dWv = memory.T @ dv

# %% memory is read twice
# Once as keys, once as values. Both send back a part, and both parts count.
dmemory = dk @ Wk.T + dv @ Wv.T

print(f"loss = {loss:.6f}")
print(dmemory)

# %% Check 1: what a softmax must forget
# Adding the same number to all scores of a row changes no weight, so every row of dscores sums to zero.
assert torch.allclose(dscores.sum(1), torch.zeros(4))

# %% Check 2: autograd
# The same program, with leaves that record. Nothing above depends on it.
leaves = [one.clone().requires_grad_() for one in (x, memory, Wq, Wk, Wv)]
attended = torch.nn.functional.scaled_dot_product_attention(
    leaves[0] @ leaves[2], leaves[1] @ leaves[3], leaves[1] @ leaves[4]
)
(dout * attended).sum().backward()
for by_hand, leaf in zip((dx, dmemory, dWq, dWk, dWv), leaves):
    assert torch.allclose(by_hand, leaf.grad)
print("By hand and by autograd: the same.")
