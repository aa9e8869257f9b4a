"""The Jacobian of a softmax, and two ways to use it: a worked solution as one function that returns a dict.

Entry (i, j) of a Jacobian says how fast result i changes with input j: a row per result, a column per input.
"""

# %% What we start from
import numpy as np

z = np.array([0.9, -0.4, 0.3, -1.2])
u = np.array([0.7, -1.1, 0.4, 1.6])
v = np.array([-0.5, 1.3, 0.8, -0.6])

# %% By the exponentials
# One entry of the softmax is a quotient, p_i = e_i / s, and e_j is in it twice at most:
#
#     above the line, if j is i        sends  1 / s          to the diagonal
#     below the line, always           sends  -e_i / s**2    to every column of row i
#
# The second part is the slope -e_i / s**2 of the quotient by s, times the slope 1 of s by each e_j. A row of the table
# therefore has the same number in every column, and 1 / s more on the diagonal. Written at once for all entries:
# np.eye(4) puts the 1 / s where it belongs, and e[:, None] is e as a column, stretched over the columns of the table.
#
# This table is not symmetric. Whoever mixes up rows and columns here will see it; one stage later, no longer.

# %% By the scores
# e_j = exp(z_j) has the slope e_j, and nothing else reads z_j. So column j is multiplied by e_j, and a row vector
# stretched over the rows does just that. To see what came out, write it with p alone:
#
#     (1 / s if i is j, else 0) * e_j  -  e_i / s**2 * e_j   =   p_i * (1 if i is j, else 0)  -  p_i * p_j
#
# On the diagonal this is p_i * (1 - p_i), the slope of a sigmoid. Beside it stands -p_i * p_j: raise one score, and all
# the other probabilities fall. Each column sums to p_j - p_j * (p_1 + ... + p_4) = 0, as it must, for the
# probabilities go on summing to 1.

# %% Two ways to use a table of slopes
# Forwards: move every score j by v_j (times something tiny). Probability i moves by the sum over j of J[i, j] * v_j.
# That is row i of the table times v, J @ v.
#
# Backwards: score j reaches the loss through every probability, and probability i sends back u_i. Together that is the
# sum over i of u_i * J[i, j]: column j of the table times u, or u @ J. Here the table is symmetric, so J @ u would be
# as right. With what stands in the table, the sum is
#
#     u_j * p_j  -  p_j * (sum over i of u_i * p_i)   =   p_j * (u_j - mean)
#
# where `mean` is the mean of what arrives, weighted with the probabilities. What all outputs are told alike is taken
# away, because to raise all of them is something a softmax cannot do. No table is needed: this is the line that stands
# in every network.


# %% All of it
def derivatives(z, u, v):
    e = np.exp(z)
    s = e.sum()
    p = e / s
    loss = (u * p).sum()

    ds_dz = e
    dp_de = np.eye(len(z)) / s - e[:, None] / s**2
    dp_dz = dp_de * e
    dp_v = dp_dz @ v
    dz = p * (u - (u * p).sum())
    return {"p": p, "loss": loss, "ds_dz": ds_dz, "dp_de": dp_de, "dp_dz": dp_dz, "dp_v": dp_v, "dz": dz}


found = derivatives(z, u, v)
print("probabilities", found["p"].round(4))
print("their Jacobian by the scores", found["dp_dz"].round(4), sep="\n")
print("what comes back to the scores", found["dz"].round(4))

# %% Check 1: what must hold
J, p = found["dp_dz"], found["p"]
assert np.allclose(J, np.diag(p) - np.outer(p, p))
assert np.allclose(J.sum(axis=0), 0)
assert np.allclose(J @ np.ones(4), 0)  # the same for all scores changes nothing
assert np.allclose(found["dz"], u @ J)

# %% Check 2: nudge one score at a time, and all of them along v
tiny = 1e-5


def p_for(z):
    return np.exp(z) / np.exp(z).sum()


columns = [(p_for(z + nudge) - p_for(z - nudge)) / (2 * tiny) for nudge in tiny * np.eye(4)]
assert np.allclose(J, np.stack(columns, axis=1))
assert np.allclose(found["dp_v"], (p_for(z + tiny * v) - p_for(z - tiny * v)) / (2 * tiny))
print("The nudged softmax agrees.")
