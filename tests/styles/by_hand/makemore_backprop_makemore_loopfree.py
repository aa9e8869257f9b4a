# exercise: makemore-backprop
import torch
import torch.nn.functional as F
g = torch.Generator().manual_seed(42)
C = torch.randn((27, 10), generator=g, dtype=torch.float64)
W1 = torch.randn((30, 64), generator=g, dtype=torch.float64) * .3; b1 = torch.randn(64, generator=g, dtype=torch.float64) * .1
W2 = torch.randn((64, 27), generator=g, dtype=torch.float64) * .1; b2 = torch.randn(27, generator=g, dtype=torch.float64) * .1
bngain = torch.ones((1, 64), dtype=torch.float64); bnbias = torch.zeros((1, 64), dtype=torch.float64)
n = 32
Xb = torch.randint(0, 27, (n, 3), generator=g); Yb = torch.randint(0, 27, (n,), generator=g)
emb = C[Xb]; embcat = emb.flatten(1); hprebn = embcat @ W1 + b1
bnmeani = hprebn.mean(0, keepdim=True); bndiff = hprebn - bnmeani; bndiff2 = bndiff**2
bnvar = bndiff2.sum(0, keepdim=True) / (n - 1); bnvar_inv = (bnvar + 1e-5) ** -0.5
bnraw = bndiff * bnvar_inv; hpreact = bngain * bnraw + bnbias
h = torch.tanh(hpreact); logits = h @ W2 + b2
logit_maxes = logits.max(1, keepdim=True).values; norm_logits = logits - logit_maxes
counts = norm_logits.exp(); counts_sum = counts.sum(1, keepdim=True); counts_sum_inv = counts_sum**-1
probs = counts * counts_sum_inv; logprobs = probs.log(); loss = -logprobs[range(n), Yb].mean()
d = {}
d["logprobs"] = -F.one_hot(Yb, 27).double() / n
d["probs"] = d["logprobs"] / probs
d["counts_sum_inv"] = (d["probs"] * counts).sum(1, keepdim=True)
d["counts_sum"] = -d["counts_sum_inv"] / counts_sum**2
d["counts"] = d["probs"] * counts_sum_inv + d["counts_sum"]
d["norm_logits"] = d["counts"] * counts
d["logit_maxes"] = -d["norm_logits"].sum(1, keepdim=True)
d["logits"] = d["norm_logits"] + d["logit_maxes"] * (logits == logit_maxes)
d["h"] = d["logits"] @ W2.T; d["W2"] = h.T @ d["logits"]; d["b2"] = d["logits"].sum(0)
d["hpreact"] = d["h"] * (1 - h * h)
d["bngain"] = (d["hpreact"] * bnraw).sum(0, keepdim=True); d["bnbias"] = d["hpreact"].sum(0, keepdim=True)
d["bnraw"] = d["hpreact"] * bngain
d["bnvar_inv"] = (d["bnraw"] * bndiff).sum(0, keepdim=True)
d["bnvar"] = -.5 * bnvar_inv**3 * d["bnvar_inv"]
d["bndiff2"] = (d["bnvar"] / (n - 1)).repeat(n, 1)
d["bndiff"] = d["bnraw"] * bnvar_inv + 2 * bndiff * d["bndiff2"]
d["bnmeani"] = -d["bndiff"].sum(0, keepdim=True)
d["hprebn"] = d["bndiff"] + d["bnmeani"] / n
d["embcat"] = d["hprebn"] @ W1.T; d["W1"] = embcat.T @ d["hprebn"]; d["b1"] = d["hprebn"].sum(0)
d["emb"] = d["embcat"].view(n, 3, 10)
d["C"] = torch.zeros_like(C).index_add_(0, Xb.flatten(), d["emb"].flatten(0, 1))
for k, v in d.items():
    globals()["d" + k] = v
