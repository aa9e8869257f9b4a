# exercise: logistic-regression
from math import exp, log
X = [[.5, -1.2, .3], [1.1, .4, -.7], [-.6, .9, 1.5], [.2, -.3, -1.], [-1.4, .8, .1]]
w = [.8, -.6, .3]; b = .2; y = [1, 0, 1, 0, 0]
z = [sum(map(lambda p, q: p*q, row, w))+b for row in X]
p = [1/(1+exp(-t)) for t in z]
nll = [-(t*log(q)+(1-t)*log(1-q)) for t, q in zip(y, p)]
loss = sum(nll)/5
dnll = [1/5]*5
dp = [g*(-1/q if t else 1/(1-q)) for g, t, q in zip(dnll, y, p)]
dz = [g*q*(1-q) for g, q in zip(dp, p)]
dw = [sum(g*row[j] for g, row in zip(dz, X)) for j in range(3)]
db = sum(dz)
