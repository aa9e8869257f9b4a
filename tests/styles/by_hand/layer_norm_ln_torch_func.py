# exercise: layer-norm
import torch
def layer_norm_backward(dout, x, gamma, beta, eps=1e-5):
    D = x.shape[-1]
    mean = x.mean(dim=-1, keepdim=True)
    diff = x - mean
    var = (diff ** 2).mean(dim=-1, keepdim=True)
    rstd = torch.rsqrt(var + eps)
    xhat = diff * rstd
    dbeta = dout.sum(dim=0)
    dgamma = torch.einsum('nd,nd->d', dout, xhat)
    dxhat = dout * gamma
    drstd = torch.einsum('nd,nd->n', dxhat, diff).unsqueeze(-1)
    dvar = drstd * -0.5 * (var + eps) ** (-3 / 2)
    ddiff = dxhat * rstd
    ddiff = ddiff + (2. / D) * diff * dvar
    dmean = -ddiff.sum(dim=-1, keepdim=True)
    dx = ddiff + dmean / D
    return {'dx': dx, 'dgamma': dgamma, 'dbeta': dbeta, 'dxhat': dxhat, 'drstd': drstd, 'dvar': dvar, 'ddiff': ddiff, 'dmean': dmean}
torch.manual_seed(1)
x = torch.randn(4, 6, dtype=torch.float64); gamma = torch.rand(6, dtype=torch.float64) + .5; beta = torch.randn(6, dtype=torch.float64); dout = torch.randn(4, 6, dtype=torch.float64)
results = layer_norm_backward(dout, x, gamma, beta)
for k, v in results.items(): print(f'{k:8s}', tuple(v.shape))
