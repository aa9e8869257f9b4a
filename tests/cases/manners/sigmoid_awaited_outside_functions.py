# exercise: sigmoid
# %%
import math

x, w, b, t = 1.5, 1.2, -0.5, 0.1


# %%
async def forward():
    z = w * x + b
    s = 1 / (1 + math.exp(-z))
    return z, s, s - t


z, s, e = await forward()
# %%
de = 2 * e
ds = de
ds_dz = s * (1 - s)
dz = ds * ds_dz
dw, db, dx = dz * x, dz, dz * w
