# exercise: softmax-cross-entropy-fused
import torch
torch.manual_seed(7)
x = torch.randn(6, 5); W = torch.randn(5, 4); b = torch.zeros(4); y = torch.randint(4, (6,))
logits = x.mm(W).add(b)
probs = logits.sub(logits.logsumexp(1, keepdim=True)).exp()
loss = probs[torch.arange(6), y].log().neg().mean()
dlogits = probs.clone()
dlogits.index_put_((torch.arange(6), y), torch.tensor(-1.0), accumulate=True).div_(6)
dW, db, dx = x.t() @ dlogits, dlogits.sum(0), dlogits @ W.t()
