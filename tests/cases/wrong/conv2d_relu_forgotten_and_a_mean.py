# exercise: conv2d-pool
# A mean over the images where the loss has a sum, and the slope of the ReLU forgotten.
# #> da carried by dp #> dw carried by dp #> dx carried by dp

import torch
import torch.nn.functional as F

x = torch.randn(2, 3, 6, 8)
w = torch.randn(5, 3, 3, 3)
b = torch.randn(5)
dout = torch.randn(2, 5, 2, 3)

a = F.conv2d(x, w, b)
p, where = F.max_pool2d(a, 2, return_indices=True)
out = F.relu(p)
loss = torch.sum(out * dout)

grads = {}
grads["p"] = dout * 1  #> dp wrong, first; code activation-derivative-missing
grads["a"] = F.max_unpool2d(grads["p"], where, 2)
grads["b"] = grads["a"].sum((2, 3)).mean(0)  #> db wrong; code mean-for-sum
windows = F.unfold(x, 3)
flat = grads["a"].reshape(2, 5, -1)
grads["w"] = torch.einsum("nfl,nkl->fk", flat, windows).reshape(w.shape)
grads["x"] = F.fold(torch.einsum("fk,nfl->nkl", w.reshape(5, -1), flat), (6, 8), 3)
