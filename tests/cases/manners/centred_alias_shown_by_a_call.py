# exercise: centred
import torch


def show(name, got):
    print(name, got.sum())


x, t = torch.randn(4, 3), torch.randn(4, 3)
m = x.mean(0, keepdim=True)
c = x - m
loss = (c**3 * t).sum()
dc = 3 * c**2 * t
dm = -dc.sum(0, keepdim=True)
dx = dc
dx += dm / 4
show("c", dc)
