# exercise: softmax-cross-entropy
import torch
torch.manual_seed(0)
x = torch.randn(5, 4); W = torch.randn(4, 3); b = torch.rand(3); y = torch.tensor([0, 2, 1, 1, 0])
logits = torch.addmm(b, x, W)
logit_maxes, winners = torch.max(logits, 1, keepdim=True)
norm_logits = logits - logit_maxes
counts = torch.exp(norm_logits)
counts_sum = torch.sum(counts, 1, True)
counts_sum_inv = torch.reciprocal(counts_sum)
probs = counts * counts_sum_inv
logprobs = torch.log(probs)
loss = -logprobs.gather(1, y[:, None]).mean()
dlogprobs = torch.zeros_like(logprobs).scatter_(1, y.unsqueeze(1), -1.0 / y.numel())
dprobs = dlogprobs.div(probs)
dcounts_sum_inv = torch.sum(dprobs * counts, dim=1, keepdim=True)
dcounts_sum = dcounts_sum_inv.mul(counts_sum_inv.square()).neg()
dcounts = torch.addcmul(dcounts_sum.expand(-1, 3), dprobs, counts_sum_inv.expand(-1, 3))
dnorm_logits = dcounts.mul(counts)
dlogit_maxes = dnorm_logits.sum(dim=1, keepdim=True).neg()
dlogits = dnorm_logits.scatter_add(1, winners, dlogit_maxes)
dW = torch.mm(x.t(), dlogits)
db = torch.ones(1, 5).mm(dlogits).squeeze(0)
dx = torch.mm(dlogits, W.t())
