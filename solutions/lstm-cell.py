"""An LSTM cell, gate by gate: a worked solution.

Written out, the cell is thirteen short lines, and each of them is a product, a sum, an affine layer or a squashing
function. Going back, we take them in the opposite order, and for each line we ask the same question: what arrives at
its result, and what does the line pass on to each of the things it reads?

Three answers are enough for all of it. A product passes what arrives on to each factor, times the other factor. A
squashing function multiplies it by its slope, which is written with its output: y (1 - y) for the sigmoid, 1 - y2 for
tanh. A quantity that several lines read** adds up what they send.
"""

# %% What we start from
# u_h and u_c are what the rest of the network sends to h and to c.
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(3, 5))
h_prev = rng.uniform(-1, 1, (3, 4))
c_prev = rng.normal(size=(3, 4))
W_i, W_f, W_o, W_g = rng.uniform(-0.7, 0.7, (4, 9, 4))
b_i, b_f, b_o, b_g = rng.uniform(-0.7, 0.7, (4, 4))
u_h = rng.normal(size=(3, 4))
u_c = rng.normal(size=(3, 4))


# %% The program
# s = tanh(c) gets a name of its own: the way back needs it twice.
def sigmoid(a):
    return 1 / (1 + np.exp(-a))


q = np.concatenate([h_prev, x], axis=1)
a_i = q @ W_i + b_i
a_f = q @ W_f + b_f
a_o = q @ W_o + b_o
a_g = q @ W_g + b_g
i = sigmoid(a_i)
f = sigmoid(a_f)
o = sigmoid(a_o)
g = np.tanh(a_g)
c = f * c_prev + i * g
s = np.tanh(c)
h = o * s
L = np.sum(u_h * h) + np.sum(u_c * c)

# %% Back through what is shown: h = o * s
# A product. At h arrives u_h, and each factor gets it times the other one.
ds = o * u_h
do = s * u_h

# %% Back at the conveyor belt
# Here is the one place to stop and think. c is read by two: by s = tanh(c), and by the next step in time, which sent
# u_c. So there is a sum. The slope of tanh is written with its output s, not with c, and not with h either, which is
# s times a gate and no output of tanh at all.
dc = u_c + (1 - s**2) * ds

# %% Back through what stays and what is put on: c = f * c_prev + i * g
# A sum passes on to both of its terms what arrives, and each term is a product. Look at dc_prev: dc times f, nothing
# else. Where the gate is open, the gradient goes back as it came.
df = c_prev * dc
dc_prev = f * dc
di = g * dc
dg = i * dc

# %% Back through the squashing functions
# Three sigmoids and one tanh. g is the odd one out.
da_o = o * (1 - o) * do
da_f = f * (1 - f) * df
da_i = i * (1 - i) * di
da_g = (1 - g**2) * dg

# %% What the weights collect
# Four affine layers with the same input. A row of q makes a row of a, so all rows of the batch contribute to every
# weight, and the product q.T @ ... adds them up. The bias was added to each row, so it collects the rows.
dW_o = q.T @ da_o
dW_f = q.T @ da_f
dW_i = q.T @ da_i
dW_g = q.T @ da_g
db_o = da_o.sum(axis=0)
db_f = da_f.sum(axis=0)
db_i = da_i.sum(axis=0)
db_g = da_g.sum(axis=0)

# %% Back to what came in
# q is read by four lines, so it is a sum of four. And q was two arrays put side by side: taking it apart gives each
# its own columns back.
dq = da_o @ W_o.T + da_f @ W_f.T + da_i @ W_i.T + da_g @ W_g.T
dh_prev = dq[:, :4]
dx = dq[:, 4:]


# %% Check: nudge every number
# We move each number a little to either side and see what the program, which knows nothing of our rules, makes of it.
def loss():
    joined = np.concatenate([h_prev, x], axis=1)
    kept = sigmoid(joined @ W_f + b_f) * c_prev
    belt = kept + sigmoid(joined @ W_i + b_i) * np.tanh(joined @ W_g + b_g)
    return np.sum(u_h * sigmoid(joined @ W_o + b_o) * np.tanh(belt)) + np.sum(u_c * belt)


def nudged(array, tiny=1e-5):
    slopes = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        kept = array[place]
        array[place] = kept + tiny
        above = loss()
        array[place] = kept - tiny
        slopes[place] = (above - loss()) / (2 * tiny)
        array[place] = kept
    return slopes


pairs = ((dx, x), (dh_prev, h_prev), (dc_prev, c_prev), (dW_f, W_f), (dW_g, W_g), (db_i, b_i), (db_o, b_o))
for by_hand, array in pairs:
    assert np.allclose(by_hand, nudged(array), atol=1e-8)
print("The derivation and the nudged program agree.")
