"""Batch normalisation, step by step: a worked solution.

The forward pass has eight lines and so many branches that it pays to ask one question of every quantity before doing
anything else: which lines read it?

x is read by the mean and by the difference. diff is read by the square and by the last product. Everything else is read
once. So there are two places where two parts must be added, and no more.
"""

# %% What we start from
# Five examples of three features. dout stands for whatever the rest of the network would send back.
import torch

torch.manual_seed(0)
x = torch.randn(5, 3, dtype=torch.float64)
gamma = torch.rand(3, dtype=torch.float64) + 0.5
beta = torch.rand(3, dtype=torch.float64)
dout = torch.randn(5, 3, dtype=torch.float64)

# %% The program
# The statistics keep their axis: rows of shape (1, 3), stretched over the batch wherever they meet an array of shape
# (5, 3).
n = x.shape[0]

mean = x.mean(0, keepdim=True)
diff = x - mean
diff2 = diff**2
var = diff2.sum(0, keepdim=True) / (n - 1)
inv = (var + 1e-5) ** -0.5
raw = diff * inv
out = gamma * raw + beta
loss = (dout * out).sum()

# %% Back through the scale and the shift
# gamma and beta were stretched over the batch, so both collect a sum over it: beta of what arrives, gamma of what
# arrives times what it was multiplied with. raw was not stretched, so it gets its part entry by entry.
dbeta = dout.sum(0)
dgamma = (dout * raw).sum(0)
draw = gamma * dout

# %% Back through raw = diff * inv
# A product: each factor gets what arrives, times the other. inv was stretched, so it sums over the batch. diff gets a
# first part here, which we put aside: the square reads it as well.
dinv = (diff * draw).sum(0, keepdim=True)
ddiff_from_raw = inv * draw

# %% Back through the root
# The power rule, for the exponent minus one half: the exponent comes down, and one less is left, which is minus three
# halves.
dvar = -0.5 * (var + 1e-5) ** -1.5 * dinv

# %% Back through the sum of squares
# All five entries of a column went into the sum with the factor 1/(n-1). On the way back each of them gets what arrived
# at the sum, times that factor. The row is stretched again, now explicitly.
ddiff2 = torch.ones_like(diff2) / (n - 1) * dvar

# %% diff is read twice
# The square sends what arrives times 2 diff. Together with what was put aside, that is all.
ddiff = ddiff_from_raw + 2 * diff * ddiff2

# %% Back through diff = x - mean
# The mean was stretched over the batch and subtracted.
#
# Only the first of the two parts of ddiff shows up here: the second is a multiple of diff in each column, and the
# entries of diff sum to zero. So the gradient that reaches the mean by way of the variance is always nothing. It is no
# mistake to leave it out, if one knows why.
dmean = -ddiff.sum(0, keepdim=True)

# %% x is read twice
# The difference passes on what arrives. The mean shares out what arrived at it: each of the n examples was in it with
# the factor 1/n.
dx = ddiff + dmean / n

print(f"loss = {loss:.6f}")
print(dx)

# %% Check 1: what normalisation must forget
# Adding the same number to a feature in all examples changes nothing, so each column of dx must sum to zero.
assert torch.allclose(dx.sum(0), torch.zeros(3, dtype=torch.float64))

# %% Check 2: autograd
# The same program with leaves that record. Nothing above depends on it.
leaves = [one.clone().requires_grad_() for one in (x, gamma, beta)]
again = leaves[1] * (leaves[0] - leaves[0].mean(0)) / torch.sqrt(leaves[0].var(0) + 1e-5) + leaves[2]
(dout * again).sum().backward()
for by_hand, leaf in zip((dx, dgamma, dbeta), leaves):
    assert torch.allclose(by_hand, leaf.grad)
print("By hand and by autograd: the same.")
