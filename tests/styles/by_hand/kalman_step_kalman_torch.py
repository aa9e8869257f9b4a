# exercise: kalman-step
import torch
torch.manual_seed(0); torch.set_default_dtype(torch.float64)
m = torch.randn(3); B = torch.randn(3, 3); P = B@B.T; A = torch.rand(3, 3)*2-1; q = torch.rand(3)+.2; H = torch.rand(2, 3)*2-1; r = torch.rand(2)+.3; y = torch.randn(2); state = torch.randn(3)
mp = A.mv(m); Pp = A@P@A.T + q.diag(); v = y-H.mv(mp); S = H@Pp@H.T + r.diag(); J = S.inverse(); K = Pp@H.T@J; mean = mp+K.mv(v)
loss = (mean-state).square().sum()/2
dmean = mean-state
dK = dmean.outer(v); dv = K.T.mv(dmean)
dJ = H@Pp.T@dK
dS = J.T.mm(dJ).mm(J.T).neg()
dr = dS.diagonal()
dPp = dK@J.T@H + H.T@dS@H
dmp = dmean - H.T.mv(dv)
dq = dPp.diag()
dA = dmp.outer(m); dA += dPp@A@P.T; dA += dPp.T@A@P
dm = A.T.mv(dmp)
