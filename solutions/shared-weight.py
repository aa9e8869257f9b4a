"""One weight in two places, its two contributions apart: a worked solution, with the gradients in a dict.

    Pretend that each use of the weight has a weight of its own, find the derivative by each of them, and add.

Why adding is right: think of w_encode and w_decode as two separate knobs on the same shaft. Turning the shaft by a tiny
amount turns both knobs by that amount. To first order the loss moves by the sum of what either knob alone would do.
"""

# %% What we start from
import math

x = 0.6
w = 1.5

# %% The program, once forwards
# w is read by two lines, and so is x.
a = w * x  # encode
c = math.tanh(a)
r = w * c  # decode
e = r - x
loss = e**2 / 2

# %% The gradients live in a dict
# grads["dr"] is the derivative of the loss by r, and so on. A dict keeps gradients and values apart: `r` is a number
# that was computed forwards, `grads["dr"]` can only be what was found on the way back.
grads = {}

# %% Back through loss = e**2 / 2
# The slope of the square is 2 * e, and the half in front makes it e. That is what the half is there for.
grads["de"] = e

# %% Back through e = r - x
# r passes its changes on to e as they are.
grads["dr"] = grads["de"]

# x has a minus sign in front, and this is only one of its two uses: we put the part aside.
dx_target = -grads["de"]

# %% Back through r = w * c: the first contribution
# A product: each factor gets what arrives, times the other factor. With c held still, w gets
grads["dw_decode"] = grads["dr"] * c

# and c, with w held still,
grads["dc"] = grads["dr"] * w

# %% Back through c = tanh(a)
# The slope of tanh, written with its output c.
grads["da"] = grads["dc"] * (1 - c**2)

# %% Back through a = w * x: the second contribution
# The same product rule as before. Everything w does by way of the code is in grads["da"] already.
grads["dw_encode"] = grads["da"] * x

# x gets its second part here.
dx_encoded = grads["da"] * w

# %% Both uses together
# Not the second INSTEAD of the first: a plain `=` in a loop over the uses would keep only the last one.
grads["dw"] = grads["dw_decode"] + grads["dw_encode"]
grads["dx"] = dx_target + dx_encoded

print(f"loss = {loss:.6f}")
print(f"dw = {grads['dw']:.6f}, of which {grads['dw_decode']:.6f} by decoding, {grads['dw_encode']:.6f} by encoding")
print(f"dx = {grads['dx']:.6f}, of which {dx_target:.6f} as the target, {dx_encoded:.6f} by way of the code")


# %% Check: nudge each use of the weight by itself
# The pretence of two weights becomes real when the program is written with two. (So it is with x.)
def loss_for(encode, decode, encoded, target):
    return (decode * math.tanh(encode * encoded) - target) ** 2 / 2


def slope(nudged):
    tiny = 1e-5
    return (nudged(tiny) - nudged(-tiny)) / (2 * tiny)


assert math.isclose(grads["dw_encode"], slope(lambda t: loss_for(w + t, w, x, x)), rel_tol=1e-6)
assert math.isclose(grads["dw_decode"], slope(lambda t: loss_for(w, w + t, x, x)), rel_tol=1e-6)
assert math.isclose(grads["dw"], slope(lambda t: loss_for(w + t, w + t, x, x)), rel_tol=1e-6)
assert math.isclose(grads["dx"], slope(lambda t: loss_for(w, w, x + t, x + t)), rel_tol=1e-6)
print("Nudging one use at a time, and both at once, agrees.")
