# exercise: vae-loss
import torch
torch.manual_seed(1)
x = torch.randn(5, 4); Wmu = torch.randn(4, 2)*.4; Wlogvar = torch.randn(4, 2)*.3; Wdec = torch.randn(2, 4); b = torch.zeros(4); eps = torch.randn(5, 2)
mu, logvar = x@Wmu, x@Wlogvar; sigma = (logvar/2).exp(); z = torch.addcmul(mu, sigma, eps); xhat = z@Wdec+b
recon = (xhat-x).pow(2).sum()/10; kl = .5*(mu**2+logvar.exp()-1-logvar).sum()/5; loss = recon+kl
G = {}
def acc(k, v): G[k] = G.get(k, 0) + v
acc("xhat", (xhat-x)/5); acc("Wdec", z.T@G["xhat"]); acc("b", G["xhat"].sum(0)); acc("z", G["xhat"]@Wdec.T)
acc("mu", G["z"]); acc("mu", mu/5)
acc("sigma", G["z"]*eps)
acc("logvar", G["sigma"]*sigma/2); acc("logvar", (logvar.exp()-1)/10)
acc("Wmu", x.T@G["mu"]); acc("Wlogvar", x.T@G["logvar"])
dxhat, dWdec, db, dz, dsigma, dmu, dlogvar, dWmu, dWlogvar = (G[k] for k in "xhat Wdec b z sigma mu logvar Wmu Wlogvar".split())
