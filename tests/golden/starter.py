# Two tanh steps that share one weight, derived backwards
#
# How much does the output of a recurrent network change when its weight is changed a little? Here is
# such a network in miniature: two steps of a state $h$ with the same weight $w_h$ in both, and a
# readout with $w_y$.
#
# **What to do.** Run the program below forwards once, then walk back from $y_2$. At each quantity on
# the way, find how fast $y_2$ changes with it: what arrives from above, times the local derivative of
# the line you are passing. Here `dh2` is short for $\partial y_2/\partial h_2$, and so on.
#
# **Why.** This is back-propagation (*reverse mode*), and one walk gives the derivatives by all
# weights together, however many there are. Training any network rests on it. Two moments deserve
# care: the step through $\tanh$, and the weight that is used twice.
#
# $$h_1^{raw} = w_h\,h_0 \qquad h_1 = \tanh(h_1^{raw}) \qquad h_2^{raw} = w_h\,h_1 \qquad
# h_2 = \tanh(h_2^{raw}) \qquad y_2 = w_y\,h_2$$
#
# The numbers to start from are $h_0 = 0.5$, $w_h = 2$ and $w_y = 40$.
#
# **How to hand in.** A Python script or a notebook. Start from `h0`, `w_h` and `w_y`, compute the
# forward quantities `h1_raw`, `h1`, `h2_raw`, `h2`, `y2`, and then bind each name below to a formula
# in what you have so far:
#
# - `dy2` for $\partial y_2/\partial y_2$
# - `dw_y` for $\partial y_2/\partial w_y$
# - `dh2` for $\partial y_2/\partial h_2$
# - `dh2_raw` for $\partial y_2/\partial h_2^{raw}$
# - `dh1` for $\partial y_2/\partial h_1$
# - `dh1_raw` for $\partial y_2/\partial h_1^{raw}$
# - `dw_h` for $\partial y_2/\partial w_h$
#
# Write formulas, not numbers: your code is run again with other values of `h0`, `w_h` and `w_y`. Each
# line is judged with the earlier lines right, so one mistake costs one step, however many later
# values it spoils. The derivation is to be your own. Comparing the end result with `torch.autograd`
# is a good habit and costs nothing, but a step whose value comes from autograd does not count.
#
# **Further reading.** Rumelhart, Hinton and Williams, *Learning Representations by Back-propagating
# Errors*. Paul Werbos, *Backpropagation Through Time: What It Does and How to Do It*, on weights that
# are used at every step. Andreas Griewank, *Who Invented the Reverse Mode of Differentiation?*

# %% What you start from
import math

h0 = 0.5
w_h = 2.0
w_y = 40.0

# %% The program, forwards
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2

# What is asked
#
# Put a formula in the place of each `...`. Write formulas, not numbers: your code is run again with
# other given numbers. What you leave as it is counts as not filled in yet.

# %% Your derivation
# d(y2)/d(y2)
dy2 = ...

# d(y2)/d(w_y)
dw_y = ...

# d(y2)/d(h2)
dh2 = ...

# d(y2)/d(h2_raw)
dh2_raw = ...

# d(y2)/d(h1)
dh1 = ...

# d(y2)/d(h1_raw)
dh1_raw = ...

# d(y2)/d(w_h)
dw_h = ...

# %% Check
# Save this file, and run in a terminal:
#     grader check tanh-chain-reverse tanh-chain-reverse.py
