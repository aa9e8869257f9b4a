"""Two tanh steps that share one weight, derived forwards and backwards: a worked solution.

Two questions, asked of the same five lines:

    forwards     If a weight grows by a tiny amount, by how many times that amount does this line's result grow?
    backwards    If this line's result grows by a tiny amount, by how many times that amount does y2 grow?

Put to the weight and to y2, they are one question, so the two walks must end at the same number.
"""

# %% What we start from
import math

h0 = 0.5
w_h = 2.0
w_y = 40.0

# %% The program
# Every intermediate keeps a name of its own, because all derivatives below are written with these names.
# A "raw" quantity is what goes into tanh; the one without "raw" is what comes out.
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2

# %% The one slope that has to be known: tanh
# tanh = sinh / cosh, so by the quotient rule its slope is
#     (cosh**2 - sinh**2) / cosh**2 = 1 - sinh**2 / cosh**2 = 1 - tanh**2
# What is squared is the OUTPUT of tanh. For h1 = tanh(h1_raw) the slope is 1 - h1**2, and h1 is already computed.
# 1 - h1_raw**2 is another thing altogether: at the numbers given here it is exactly 0, and for larger h1_raw it is
# negative, though tanh never falls.

# %% Forwards: the start
# h0 is given. Nothing in it was computed from w_h, so it does not change with w_h.
dh0_dwh = 0.0

# %% Forwards: first step in time
# h1_raw = w_h * h0. Product rule, with d(w_h)/d(w_h) = 1:
#     1 * h0 + w_h * dh0_dwh
# The second term is dropped because dh0_dwh is 0, and for no other reason. Two lines on, it will not be.
dh1raw_dwh = h0

# h1 = tanh(h1_raw). Chain rule: the slope of tanh at this place, times the derivative of what is inside.
dh1_dwh = (1 - h1**2) * dh1raw_dwh

# %% Forwards: second step in time, where the shared weight acts twice
# h2_raw = w_h * h1. Product rule again. But h1 has a history: it was made with the same w_h. Both terms stay:
#     1 * h1           w_h as the open factor, here and now
#     w_h * dh1_dwh    w_h as it acted in the first step, carried here by h1
dh2raw_dwh = h1 + w_h * dh1_dwh

# The same step as from h1_raw to h1, with every name moved on by one.
dh2_dwh = (1 - h2**2) * dh2raw_dwh

# %% Forwards: the readout
# w_y is chosen independently of w_h.
dwy_dwh = 0.0

# y2 = w_y * h2. Product rule for the third time:
#     dwy_dwh * h2 + w_y * dh2_dwh
# This time it is the FIRST term that is dropped, because dwy_dwh is 0.
dy2_dwh = w_y * dh2_dwh

# %% Forwards once more, for the other weight
# Forward mode answers for one input at a time. For w_y the walk is short: it is first read in the last line, so h2 does
# not notice, and the product rule 1 * h2 + w_y * dh2_dwy keeps its first term only.
dh2_dwy = 0.0
dy2_dwy = h2

# %% Backwards: the end is the start
# From here on the y2 is understood: dh2 is short for d(y2)/d(h2). And y2 changes exactly as fast as y2.
dy2 = 1.0

# %% Backwards through y2 = w_y * h2
# A product passes what arrives on to each factor, multiplied by the OTHER factor.
# Forwards, the product rule gave a sum of two terms. Here the terms go to different quantities and are not added:
# where w_y is nudged, h2 stays as it is, so the term with the change of h2 drops out, and the other way round.
dw_y = h2 * dy2
dh2 = w_y * dy2

# %% Backwards through h2 = tanh(h2_raw)
# What arrives, times the same slope as on the way forwards, written with the output h2.
dh2_raw = (1 - h2**2) * dh2

# %% Backwards through h2_raw = w_h * h1
# h1 is read by this line alone, so what this line sends is all that h1 gets.
dh1 = w_h * dh2_raw

# The other factor, w_h, gets h1 * dh2_raw. But that is not yet dw_h: the first step in time reads the same weight.
# We put this part aside until the other one arrives.
dw_h_second_step = h1 * dh2_raw

# %% Backwards through h1 = tanh(h1_raw)
# The same step as from h2 to h2_raw, with every name moved back by one.
dh1_raw = (1 - h1**2) * dh1

# %% Backwards through h1_raw = w_h * h0: the shared weight collects twice
# The second line that reads w_h sends back its part. A quantity read by several lines collects the SUM of what they
# send: overwriting instead of adding would forget one of the two moments at which the weight acted.
dw_h_first_step = h0 * dh1_raw
dw_h = dw_h_second_step + dw_h_first_step

print(f"y2 = {y2:.6f}")
print(f"by w_h: {dy2_dwh:.6f} forwards, {dw_h:.6f} backwards")
print(f"by w_y: {dy2_dwy:.6f} forwards, {dw_y:.6f} backwards")

# %% Check 1: the two modes against each other
# The same slopes were multiplied, in opposite order, so the results may differ in the last digit but no more.
assert math.isclose(dy2_dwh, dw_h)
assert math.isclose(dy2_dwy, dw_y)

# It is not only the sum that agrees. The two terms of dh2raw_dwh, sent on to y2, are the two parts of dw_h.
assert math.isclose(dh2_raw * h1, dw_h_second_step)
assert math.isclose(dh2_raw * w_h * dh1_dwh, dw_h_first_step)


# %% Check 2: nudge the weights
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
print("Both modes and the nudged program agree.")
