# exercise: rms-norm
import torch
torch.manual_seed(0)
x = torch.randn(4, 6); gamma = torch.rand(6)+.5; dout = torch.randn(4, 6)
ms = x.pow(2).mean(1, True); r = (ms+1e-5).rsqrt(); xhat = x*r; out = gamma*xhat; loss = (dout*out).sum()
dgamma = torch.stack([d*v for d, v in zip(dout.unbind(), xhat.unbind())]).sum(0)
dxhat = torch.stack([d*gamma for d in dout])
dr = torch.stack([torch.dot(d, v) for d, v in zip(dxhat, x)]).view(-1, 1)
dms = dr.mul(r**3).mul(-1/2)
dx = dxhat*r; dx += dms*x/3
