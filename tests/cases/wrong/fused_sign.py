# exercise: softmax-cross-entropy-fused
# Right class minus probability: uphill.
# #> dW carried by dlogits
# #> db carried by dlogits
# #> dx carried by dlogits

import torch
import torch.nn.functional as F

torch.manual_seed(3)
x = torch.randn(6, 5)
W = torch.randn(5, 4) * 0.3
b = torch.zeros(4)
y = torch.randint(0, 4, (6,))


def forward(x, W, b, y):
    logits = x @ W + b
    probs = F.softmax(logits, dim=1)
    loss = F.cross_entropy(logits, y)
    return logits, probs, loss


def backward(x, W, y, probs):
    dlogits = (F.one_hot(y, num_classes=4) - probs) / len(y)  #> dlogits wrong, first
    dW = x.T @ dlogits
    db = dlogits.sum(0)
    dx = dlogits @ W.T
    return dlogits, dW, db, dx


logits, probs, loss = forward(x, W, b, y)
dlogits, dW, db, dx = backward(x, W, y, probs)
