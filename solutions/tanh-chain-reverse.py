"""Two tanh steps that share one weight, derived backwards: a worked solution.

The question asked of every quantity, from the last to the first:

    If this quantity grows by a tiny amount, by how many times that amount does y2 grow?

`dh2` is short for d(y2)/d(h2), and so on: the y2 is always understood. The answer for a quantity needs only the answers
for the quantities computed from it. That is reverse mode, or back-propagation.
"""

# %% What we start from
import math

h0 = 0.5
w_h = 2.0
w_y = 40.0

# %% The program, once forwards
# Every intermediate is kept: on the way back the slopes are written with them.
# A "raw" quantity is what goes into tanh; the one without "raw" is what comes out.
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2

# %% Three rules are all it takes
# 1. Through a product c = a * b, what arrives at c goes on to each factor, multiplied by the OTHER factor:
#    to a goes b * dc, to b goes a * dc.
#
# 2. Through c = tanh(a), what arrives at c is multiplied by the slope of tanh:  (1 - c**2) * dc.
#    Where it comes from: tanh = sinh / cosh, so by the quotient rule its slope is
#    (cosh**2 - sinh**2) / cosh**2 = 1 - sinh**2 / cosh**2 = 1 - tanh**2.
#    What is squared is the OUTPUT of tanh. For h2 = tanh(h2_raw) the slope is 1 - h2**2, and h2 is already computed.
#    1 - h2_raw**2 is another thing altogether: it is negative wherever h2_raw is larger than 1, as it is at the numbers
#    given here, though tanh never falls.
#
# 3. A quantity read by several lines collects the SUM of what they send back.

# %% The end is the start
# y2 changes exactly as fast as y2.
dy2 = 1.0

# %% Back through y2 = w_y * h2
# A product has two factors, so two answers (rule 1): each gets dy2 times the other one.
# Forwards, the product rule gives a sum of two terms. Here the terms go to different quantities and are not added:
# where w_y is nudged, h2 stays as it is, so the term with the change of h2 drops out, and the other way round.
dw_y = h2 * dy2
dh2 = w_y * dy2

# %% Back through h2 = tanh(h2_raw)
# What arrives, times the slope written with the output h2 (rule 2).
dh2_raw = (1 - h2**2) * dh2

# %% Back through h2_raw = w_h * h1
# A product again. Its factor h1 is read by this line alone, so what this line sends is all that h1 gets.
dh1 = w_h * dh2_raw

# Its factor w_h gets h1 * dh2_raw. But that is not yet dw_h: the first step in time reads the same weight. We put this
# part aside until the other one arrives.
dw_h_second_step = h1 * dh2_raw

# %% Back through h1 = tanh(h1_raw)
# The same step as from h2 to h2_raw, with every name moved back by one.
dh1_raw = (1 - h1**2) * dh1

# %% Back through h1_raw = w_h * h0: the shared weight collects twice
# The second line that reads w_h sends back its part, and rule 3 adds the two. Overwriting instead of adding is the
# classic mistake here; it would forget one of the two moments at which the weight acted.
# (h0 would get w_h * dh1_raw, but nobody asked: h0 is not a weight.)
dw_h_first_step = h0 * dh1_raw
dw_h = dw_h_second_step + dw_h_first_step

print(f"y2 = {y2:.6f}")
print(f"dw_h = {dw_h:.6f}, of which {dw_h_first_step:.6f} by the first step and {dw_h_second_step:.6f} by the second")
print(f"dw_y = {dw_y:.6f}")

# %% Check 1: the other mode
# Forwards, one carries the change with w_h along, line by line. The product rule has two terms in the second step, and
# they are our two parts. (tanh-chain-forward explains this walk.)
along_h1 = (1 - h1**2) * h0
along_h2 = (1 - h2**2) * (h1 + w_h * along_h1)
assert math.isclose(dw_h, w_y * along_h2)


# %% Check 2: nudge the weight
# Both modes use the same slope of tanh. If we had that wrong, they would be wrong together and still agree. So we also
# ask the program itself, which knows nothing of our rules: move a weight a little to either side and see what y2 does.
def y2_for(recurrent, readout):
    h = h0
    for _ in range(2):
        h = math.tanh(recurrent * h)
    return readout * h


tiny = 1e-5
assert math.isclose(dw_h, (y2_for(w_h + tiny, w_y) - y2_for(w_h - tiny, w_y)) / (2 * tiny), rel_tol=1e-6)
assert math.isclose(dw_y, (y2_for(w_h, w_y + tiny) - y2_for(w_h, w_y - tiny)) / (2 * tiny), rel_tol=1e-6)
print("The other mode and the nudged program agree.")
