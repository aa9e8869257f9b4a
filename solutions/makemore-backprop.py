"""Back-propagation through a whole language model, by hand: a worked solution.

Twenty lines forwards, twenty-six derivatives backwards, and only five kinds of step among them:

    entry by entry (log, exp, tanh, powers)  what arrives, times the slope
    a product                                what arrives, times the other factor
    stretched over an axis (broadcast)       summed over that axis
    read by two lines                        both parts added
    copied or picked by an index             sent back to where it came from, and added there

Before each step it pays to write down the shapes. A derivative has the shape of what it is the derivative by, always,
and very often only one formula fits.
"""

# %% What we start from
# The sizes of the course: 27 letters, three of them in, embeddings of ten numbers, 64 hidden units, 32 examples. Where
# the course takes letters from a file of names, we draw them: the derivation does not care. The bias b1 has no use in
# front of the normalisation, and is there for us to see that in its gradient.
import torch
import torch.nn.functional as F

g = torch.Generator().manual_seed(2147483647)
C = torch.randn((27, 10), generator=g)
W1 = torch.randn((30, 64), generator=g) * (5 / 3) / 30**0.5
b1 = torch.randn(64, generator=g) * 0.1
W2 = torch.randn((64, 27), generator=g) * 0.1
b2 = torch.randn(27, generator=g) * 0.1
bngain = torch.randn((1, 64), generator=g) * 0.1 + 1.0
bnbias = torch.randn((1, 64), generator=g) * 0.1
parameters = [C, W1, b1, W2, b2, bngain, bnbias]
for p in parameters:
    p.requires_grad = True

n = 32
Xb = torch.randint(0, 27, (n, 3), generator=g)
Yb = torch.randint(0, 27, (n,), generator=g)

# %% The program: embedding and first layer
# C[Xb] copies a row of C for each of the 96 letters; the three rows of an example are then laid end to end.
emb = C[Xb]
embcat = emb.view(emb.shape[0], -1)
hprebn = embcat @ W1 + b1

# %% The program: batch normalisation
bnmeani = 1 / n * hprebn.sum(0, keepdim=True)
bndiff = hprebn - bnmeani
bndiff2 = bndiff**2
bnvar = 1 / (n - 1) * bndiff2.sum(0, keepdim=True)
bnvar_inv = (bnvar + 1e-5) ** -0.5
bnraw = bndiff * bnvar_inv
hpreact = bngain * bnraw + bnbias

# %% The program: second layer
h = torch.tanh(hpreact)
logits = h @ W2 + b2

# %% The program: the loss
logit_maxes = logits.max(1, keepdim=True).values
norm_logits = logits - logit_maxes
counts = norm_logits.exp()
counts_sum = counts.sum(1, keepdim=True)
counts_sum_inv = counts_sum**-1
probs = counts * counts_sum_inv
logprobs = probs.log()
loss = -logprobs[range(n), Yb].mean()

# %% Autograd, to compare with
# PyTorch is told to keep the gradients in between, and walks back. Nothing below reads them but the comparison in the
# end.
for t in [emb, embcat, hprebn, bnmeani, bndiff, bndiff2, bnvar, bnvar_inv, bnraw, hpreact, h, logits]:
    t.retain_grad()
for t in [logit_maxes, norm_logits, counts, counts_sum, counts_sum_inv, probs, logprobs]:
    t.retain_grad()
loss.backward()

# %% Back through the picking and the logarithm
# Of each row of logprobs one entry was read. It went into a mean over n, with a minus; the others were not read, and
# get zero.
dlogprobs = torch.zeros_like(logprobs)
dlogprobs[range(n), Yb] = -1.0 / n
dprobs = dlogprobs / probs

# %% Back through the normalisation of the counts
# A product of (32, 27) and (32, 1). The column was stretched over the 27 letters, so it sums over them. The power minus
# one has the slope minus the power minus two.
#
# counts is read by the product and by the sum. The part from the product is written down at once, the part from the sum
# is added as soon as dcounts_sum is there: a column, which is stretched over the row again, since each entry of the row
# went into the sum with the factor 1.
dcounts_sum_inv = (counts * dprobs).sum(1, keepdim=True)
dcounts_sum = -(counts_sum**-2) * dcounts_sum_inv
dcounts = counts_sum_inv * dprobs
dcounts += dcounts_sum

# %% Back through the exponential and the shift
# The exponential is its own slope. The column of maxima was stretched and subtracted: minus, and summed. Shifting the
# scores of a row changes no probability, so this sum is zero, but for rounding.
#
# logits is read by the subtraction and by the maximum. The maximum sends what arrives to the winner of the row: a one
# among zeros does that.
dnorm_logits = counts * dcounts
dlogit_maxes = -dnorm_logits.sum(1, keepdim=True)
dlogits = dnorm_logits.clone()
dlogits += F.one_hot(logits.max(1).indices, num_classes=27) * dlogit_maxes

# %% Back through the second layer
# From h @ W2 with dlogits arriving: (32, 27) times (27, 64) for h, (64, 32) times (32, 27) for W2. The bias was
# stretched over the batch.
#
# The slope of tanh is one minus the square of its output, and the output is h.
dh = dlogits @ W2.T
dW2 = h.T @ dlogits
db2 = dlogits.sum(0)
dhpreact = (1.0 - h**2) * dh

# %% Back through gain and bias
# Two rows that were stretched over the batch, and a factor that was not.
dbngain = (bnraw * dhpreact).sum(0, keepdim=True)
dbnbias = dhpreact.sum(0, keepdim=True)
dbnraw = bngain * dhpreact

# %% Back through the variance
# bndiff is read by the product with bnvar_inv and by the square. The first part comes now, the second after the walk
# through the root and the sum: the exponent minus one half comes down and minus three halves is left; and each square
# went into its column's sum with the factor 1/(n-1).
dbnvar_inv = (bndiff * dbnraw).sum(0, keepdim=True)
dbndiff = bnvar_inv * dbnraw
dbnvar = -0.5 * (bnvar + 1e-5) ** -1.5 * dbnvar_inv
dbndiff2 = 1 / (n - 1) * torch.ones_like(bndiff2) * dbnvar
dbndiff += 2 * bndiff * dbndiff2

# %% Back through the mean
# hprebn is read by the difference and by the mean. The mean was stretched over the batch and subtracted; what arrives
# at it is shared out, 1/n to each example.
dbnmeani = -dbndiff.sum(0, keepdim=True)
dhprebn = dbndiff + 1 / n * dbnmeani

# %% Back through the first layer
# As in the second layer. db1 is the sum of dhprebn over the batch, and that is zero: whatever b1 adds to all examples,
# the mean takes away again.
dembcat = dhprebn @ W1.T
dW1 = embcat.T @ dhprebn
db1 = dhprebn.sum(0)

# %% Back through the embedding
# The three rows of an example are taken apart again. Then each row of demb goes back to the row of C it was copied
# from. The same letter occurs many times, and its row collects from all of them: +=, not =.
demb = dembcat.view(emb.shape)
dC = torch.zeros_like(C)
for k in range(Xb.shape[0]):
    for j in range(Xb.shape[1]):
        dC[Xb[k, j]] += demb[k, j]

print(f"loss = {loss.item():.6f}")

# %% Check 1: the short formulas
# What is left when the two long stretches are simplified on paper: from the loss to the logits, and through the
# normalisation.
fused = F.softmax(logits, 1)
fused[range(n), Yb] -= 1
assert torch.allclose(dlogits, fused / n, atol=1e-7)

direct = n * dhpreact - dhpreact.sum(0) - n / (n - 1) * bnraw * (dhpreact * bnraw).sum(0)
assert torch.allclose(dhprebn, bngain * bnvar_inv / n * direct, atol=1e-7)

# %% Check 2: autograd
for by_hand, t in [(dlogits, logits), (dh, h), (dhpreact, hpreact), (dbndiff, bndiff), (dhprebn, hprebn), (demb, emb)]:
    assert torch.allclose(by_hand, t.grad, atol=1e-7)
for by_hand, p in zip([dC, dW1, db1, dW2, db2, dbngain, dbnbias], parameters):
    assert torch.allclose(by_hand, p.grad, atol=1e-7)
print("By hand and by autograd: the same.")
