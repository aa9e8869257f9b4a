# exercise: batch-norm
import numpy as np
np.random.seed(3)
N, D = 5, 3
x = np.random.randn(N, D)
gamma = np.random.rand(D) + .5
beta = np.random.rand(D)
dout = np.random.randn(N, D)
buf = {name: np.empty((N, D)) for name in ('diff', 'diff2', 'raw', 'out', 'draw', 'ddiff2', 'ddiff', 'dx')}
mean = np.mean(x, axis=0, keepdims=True)
np.subtract(x, mean, out=buf['diff'])
np.square(buf['diff'], out=buf['diff2'])
var = np.sum(buf['diff2'], axis=0, keepdims=True) / (N - 1)
inv = 1 / np.sqrt(var + 1e-5)
np.multiply(buf['diff'], inv, out=buf['raw'])
np.multiply(gamma, buf['raw'], out=buf['out'])
buf['out'] += beta
loss = np.sum(dout * buf['out'])
dbeta = np.sum(dout, axis=0)
dgamma = np.einsum('nd,nd->d', dout, buf['raw'])
np.multiply(dout, gamma, out=buf['draw'])
dinv = np.sum(buf['diff'] * buf['draw'], axis=0, keepdims=True)
dvar = -0.5 * inv ** 3 * dinv
buf['ddiff2'][:] = dvar / (N - 1)
np.multiply(buf['draw'], inv, out=buf['ddiff'])
buf['ddiff'] += 2 * buf['diff'] * buf['ddiff2']
dmean = -np.sum(buf['ddiff'], axis=0, keepdims=True)
np.add(buf['ddiff'], dmean, out=buf['dx'])  #> guilty
