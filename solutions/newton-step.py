"""A second derivative, for one step of Newton's method: a worked solution in plain Python.

Three passes over the same few lines: forwards for the values, backwards for the slopes, and forwards once more over
both for how fast the slopes change. `da` is short for d(loss)/d(a), `dda_dw` for the derivative of that by w.
"""

# %% What we start from
import math

x = 1.5
w = 0.3
y = 0.8

# %% First pass, forwards: the values
a = w * x
h = math.tanh(a)
r = h - y
loss = r**2

# %% Second pass, backwards: the slopes
# Nothing new here. The slope of the square is 2 * r; y stays where it is, so h is told what r is told; the slope of
# tanh is written with its output; and a = w * x gives w what arrives, times x.
dr = 2 * r
da = dr * (1 - h**2)
dw = da * x

# %% Third pass, forwards over the second
# From here on, w is the only thing that moves, and the question to each line is: how fast does its result change?
# Of the first pass only h = tanh(w * x) is needed.
dh_dw = (1 - h**2) * x

# Then the lines of the second pass, in the order in which they were computed.
#     dr = 2 * (h - y)
ddr_dw = 2 * dh_dw

# Now the line where the branch is. Both factors of da = dr * (1 - h**2) depend on w:
#     the first by itself,                                 ddr_dw * (1 - h**2)
#     the second because h is in it: its slope by w        dr * (-2 * h * dh_dw)
#     is -2 * h * dh_dw
# The second term is the one that gets lost. On the way back, 1 - h**2 was a number by which we multiplied; here it is a
# function of w like everything else.
dda_dw = ddr_dw * (1 - h**2) - dr * 2 * h * dh_dw

#     dw = da * x, and x does not depend on w.
d2w = dda_dw * x

# %% What is left without that term
# ddr_dw * (1 - h**2) * x is 2 * dh_dw * (1 - h**2) * x, and (1 - h**2) * x is dh_dw again. A square: it is never
# negative, whatever the numbers. The term that was left out carries the factor dr, so the better the model fits, the
# less it matters.
gauss_newton = 2 * dh_dw**2

# %% The step
# Close to w the loss is about  loss + dw * s + d2w * s**2 / 2.  Its derivative by s is dw + d2w * s, which is 0 at
step = -dw / d2w

print(f"slope {dw:.6f}, curvature {d2w:.6f} (Gauss-Newton {gauss_newton:.6f}), step {step:.6f}")

# %% Use: a few steps of each
# The best weight is known here, tanh(w * x) = y. Close to it, each step of Newton's method doubles the number of right
# digits. Where the model can fit the target exactly, as it can here, Gauss-Newton is no worse. (The new names leave the
# derivation above as it is.)
best = math.atanh(y) / x
for curvature in ("full", "gauss-newton"):
    now = w
    print(f"{curvature}:")
    for _ in range(5):
        there = math.tanh(now * x)
        slope = 2 * (there - y) * (1 - there**2) * x
        bend = 2 * ((1 - there**2) * x) ** 2
        if curvature == "full":
            bend -= 4 * (there - y) * there * (1 - there**2) * x**2
        now -= slope / bend
        print(f"    w = {now:.12f}, off by {abs(now - best):.1e}")


# %% Check: nudge
# The first derivative is compared with what the loss does, the second with what the first does.
def loss_for(w):
    return (math.tanh(w * x) - y) ** 2


def slope_for(w):
    h = math.tanh(w * x)
    return 2 * (h - y) * (1 - h**2) * x


tiny = 1e-5
assert math.isclose(dw, (loss_for(w + tiny) - loss_for(w - tiny)) / (2 * tiny), rel_tol=1e-6)
assert math.isclose(d2w, (slope_for(w + tiny) - slope_for(w - tiny)) / (2 * tiny), rel_tol=1e-6)
print("The nudged neuron agrees.")
