"""A product, a quotient, an exponential, a logarithm and a root, derived backwards: a worked solution.

The question asked of every quantity, from the last to the first:

    If this quantity grows by a tiny amount, by how many times that amount does f grow?

`dc` is short for d(f)/d(c), and so on: the f is always understood. Each line of the program is passed once, backwards,
and asked for one thing only: its own slope, with everything else it reads held still.
"""

# %% What we start from
import math

x = 1.4
y = 0.6
z = 1.3

# %% The program, once forwards
# Every intermediate is kept: the slopes on the way back are written with them.
a = x * y
b = math.exp(-a)
c = b + z
g = math.log(c)
r = math.sqrt(c)
f = g / r

# %% The slopes we shall need
#     line          slope
#     a = x * y     by x: y        by y: x
#     b = exp(-a)   by a: -b       exp is its own slope, and the minus sign inside comes out in front
#     c = b + z     by b: 1        by z: 1
#     g = log(c)    by c: 1 / c
#     r = sqrt(c)   by c: 1 / (2 * r)
#     f = g / r     by g: 1 / r    by r: -g / r**2
#
# Two of them are written with the OUTPUT of the line, because it is shorter and already computed: sqrt(c) is c**(1/2)
# with the slope c**(-1/2) / 2, which is one half of 1 / r; and exp(-a) is b.

# %% The end is the start
# f changes exactly as fast as f.
df = 1.0

# %% Back through f = g / r
# Whoever has the quotient rule (u'v - uv') / v**2 in mind need not apply all of it. We move one of the two at a time,
# so one of the two terms is always 0. By g:  (1*r - g*0) / r**2 = 1 / r.  By r:  (0*r - g*1) / r**2 = -g / r**2.
# The minus sign is no formality: a larger denominator makes a smaller fraction.
dg = df / r
dr = -df * g / r**2

# %% Back through r = sqrt(c) and g = log(c): c hears from both
# A quantity read by several lines collects the SUM of what they send back.
#     from g = log(c):    dg * 1 / c
#     from r = sqrt(c):   dr * 1 / (2 * r)
# They pull in opposite directions: a larger c lifts the numerator of f, and the denominator too.
dc = dg / c + dr / (2 * r)

# %% Back through c = b + z
# A sum passes on what it gets, undivided, to each of its summands: both move c by exactly as much as they move.
dz = dc
db = dc

# %% Back through b = exp(-a)
# What arrives, times the slope -b. If a grows, b falls.
da = -b * db

# %% Back through a = x * y
# To each factor what arrives, times the OTHER factor.
dx = y * da
dy = x * da

print(f"f = {f:.6f}")
print(f"dx = {dx:.6f}, dy = {dy:.6f}, dz = {dz:.6f}")

# %% Check 1: all in one formula
# Written out, f = log(c) / sqrt(c), so by the quotient rule its slope by c is (1 - log(c) / 2) / c**1.5. That must be
# the sum of our two parts. It also tells something new: f is largest at c = e**2.
assert math.isclose(dc, (1 - math.log(c) / 2) / c**1.5)

# %% Check 2: x and y only ever act through their product
# So x * dx and y * dy must be the same number, namely a * da.
assert math.isclose(x * dx, y * dy)


# %% Check 3: nudge the inputs
# The program itself knows nothing of our rules. Move an input a little to either side and see what f does.
def f_for(x, y, z):
    c = math.exp(-x * y) + z
    return math.log(c) / math.sqrt(c)


tiny = 1e-5
assert math.isclose(dx, (f_for(x + tiny, y, z) - f_for(x - tiny, y, z)) / (2 * tiny), rel_tol=1e-6)
assert math.isclose(dy, (f_for(x, y + tiny, z) - f_for(x, y - tiny, z)) / (2 * tiny), rel_tol=1e-6)
assert math.isclose(dz, (f_for(x, y, z + tiny) - f_for(x, y, z - tiny)) / (2 * tiny), rel_tol=1e-6)
print("The closed formula and the nudged program agree.")
