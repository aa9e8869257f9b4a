# exercise: gru-cell
import numpy as np
rng = np.random.default_rng(5)
x = rng.normal(size=(3, 5)); h_prev = rng.uniform(-1, 1, (3, 4)); u = rng.normal(size=(3, 4))
W = {g: rng.uniform(-.8, .8, (5, 4)) for g in 'zrn'}
U = {g: rng.uniform(-.8, .8, (4, 4)) for g in 'zrn'}
b = {g: rng.uniform(-.5, .5, 4) for g in 'zrn'}
W_z, W_r, W_n = W['z'], W['r'], W['n']
U_z, U_r, U_n = U['z'], U['r'], U['n']
b_z, b_r, b_n = b['z'], b['r'], b['n']
sig = lambda v: 1 / (1 + np.exp(-v))
a_z = x @ W_z + h_prev @ U_z + b_z
z = sig(a_z)
a_r = x @ W_r + h_prev @ U_r + b_r
r = sig(a_r)
m = r * h_prev
a_n = x @ W_n + m @ U_n + b_n
n = np.tanh(a_n)
h = (1 - z) * n + z * h_prev
L = (u * h).sum()
dn = (1 - z) * u
dz = (h_prev - n) * u
da = {'n': (1 - n ** 2) * dn, 'z': z * (1 - z) * dz}
dm = da['n'] @ U_n.T
dr = h_prev * dm
da['r'] = r * (1 - r) * dr
reads = {'z': h_prev, 'r': h_prev, 'n': m}
dW = {g: x.T @ da[g] for g in 'zrn'}
dU = {g: reads[g].T @ da[g] for g in 'zrn'}
db = {g: da[g].mean(0) for g in 'zrn'}  #> db_n wrong, first; code mean-for-sum
dx = sum(da[g] @ W[g].T for g in 'zrn')
dh_prev = u * z + dm * r + da['z'] @ U_z.T + da['r'] @ U_r.T
# #> db_z carried by db_n
# #> db_r carried by db_n
