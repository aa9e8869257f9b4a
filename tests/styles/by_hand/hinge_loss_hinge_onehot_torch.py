# exercise: hinge-loss
import torch, torch.nn.functional as F
torch.manual_seed(2)
X = torch.randn(5, 4); W = torch.randn(4, 3); b = torch.randn(3); y = torch.tensor([0, 2, 1, 2, 0]); lam = 0.1
scores = X@W+b; right = scores.gather(1, y[:, None]).squeeze(1); diff = scores-right[:, None]+1
others = 1-F.one_hot(y, 3)
margins = F.relu(diff)*others
loss = margins.sum()/5 + lam*W.square().sum()
dmargins = torch.full_like(margins, 1/5)
ddiff = torch.heaviside(diff, torch.zeros(1))*others*dmargins
dright = ddiff.sum(1).neg()
dscores = ddiff.scatter_add(1, y[:, None], dright[:, None])
dW = torch.addmm(W, X.t(), dscores, beta=2*lam)
db = dscores.sum(0)
dX = dscores.matmul(W.t())
