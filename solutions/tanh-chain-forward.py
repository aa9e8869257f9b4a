"""Two tanh steps that share one weight, derived forwards: a worked solution.

The question asked of every line, in the order in which the program computes:

    If w_h grows by a tiny amount, by how many times that amount does this result grow?

The answer for a line needs only the answers for the lines before it. That is forward mode.
"""

# %% What we start from
import math

h0 = 0.5
w_h = 2.0
w_y = 40.0

# %% The program
# Every intermediate keeps a name of its own, because the derivatives below are written with these names.
# A "raw" quantity is what goes into tanh; the one without "raw" is what comes out.
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2

# %% Three rules are all it takes
# 1. A quantity that is not computed from w_h, by any path, has derivative 0.
#
# 2. Product rule:  (a * b)' = a' * b + a * b'.
#    Write both terms first, and only then look whether one of them vanishes.
#
# 3. Chain rule through tanh:  tanh(x)' = (1 - tanh(x)**2) * x'.
#    Where it comes from: tanh = sinh / cosh, so by the quotient rule its slope is
#    (cosh**2 - sinh**2) / cosh**2 = 1 - sinh**2 / cosh**2 = 1 - tanh**2.
#    What is squared is the OUTPUT of tanh. For h1 = tanh(h1_raw) the slope is 1 - h1**2, and h1 is already computed.
#    1 - h1_raw**2 is another thing altogether: at the numbers given here it is exactly 0, and for larger h1_raw it is
#    negative, though tanh never falls.

# %% The start: h0
# h0 is given. Nothing in it was computed from w_h (rule 1).
dh0_dwh = 0.0

# %% First step in time
# h1_raw = w_h * h0, a product, so with d(w_h)/d(w_h) = 1:
#     1 * h0 + w_h * dh0_dwh
# The second term is dropped because dh0_dwh is 0, and for no other reason. Two lines on, it will not be.
dh1raw_dwh = h0

# h1 = tanh(h1_raw): the slope of tanh at this place, times the derivative of what is inside.
dh1_dwh = (1 - h1**2) * dh1raw_dwh

# %% Second step in time: the shared weight acts twice
# h2_raw = w_h * h1, a product again. But h1 has a history: it was made with the same w_h. Both terms stay:
#     1 * h1           w_h as the open factor, here and now
#     w_h * dh1_dwh    w_h as it acted in the first step, carried here by h1
# Leaving out the second term means treating h1 as a given number, which h0 was and h1 is not.
dh2raw_dwh = h1 + w_h * dh1_dwh

# The same step as from h1_raw to h1, with every name moved on by one.
dh2_dwh = (1 - h2**2) * dh2raw_dwh

# %% The readout
# w_y is chosen independently of w_h (rule 1).
dwy_dwh = 0.0

# y2 = w_y * h2, the product rule for the third time:
#     dwy_dwh * h2 + w_y * dh2_dwh
# This time it is the FIRST term that is dropped, because dwy_dwh is 0.
dy2_dwh = w_y * dh2_dwh

# %% The other weight
# Forward mode answers for one input at a time; for w_y we walk through the program again. The walk is short: w_y is
# first read in the last line, so everything before it does not notice (rule 1).
dh2_dwy = 0.0

# y2 = w_y * h2:  1 * h2 + w_y * dh2_dwy, and the second term is 0.
dy2_dwy = h2

print(f"y2 = {y2:.6f}")
print(f"dy2/dw_h = {dy2_dwh:.6f}")
print(f"dy2/dw_y = {dy2_dwy:.6f}")

# %% Check 1: the other mode
# Backwards, one starts at y2 and multiplies the same slopes in the opposite order. Each of the two lines that read w_h
# sends back its own part; the sum must be what we found. (tanh-chain-reverse explains this walk.)
back_to_h2_raw = w_y * (1 - h2**2)
back_to_h1_raw = back_to_h2_raw * w_h * (1 - h1**2)
assert math.isclose(dy2_dwh, back_to_h2_raw * h1 + back_to_h1_raw * h0)


# %% Check 2: nudge the weight
# Both modes use the same slope of tanh. If we had that wrong, they would be wrong together and still agree. So we also
# ask the program itself, which knows nothing of our rules: move a weight a little to either side and see what y2 does.
def y2_for(recurrent, readout):
    h = h0
    for _ in range(2):
        h = math.tanh(recurrent * h)
    return readout * h


tiny = 1e-5
assert math.isclose(dy2_dwh, (y2_for(w_h + tiny, w_y) - y2_for(w_h - tiny, w_y)) / (2 * tiny), rel_tol=1e-6)
assert math.isclose(dy2_dwy, (y2_for(w_h, w_y + tiny) - y2_for(w_h, w_y - tiny)) / (2 * tiny), rel_tol=1e-6)
print("The other mode and the nudged program agree.")
