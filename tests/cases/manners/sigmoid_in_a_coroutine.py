# exercise: sigmoid
import asyncio, math, logging

logging.basicConfig(level=logging.INFO)
log = logging.getLogger("sigmoid")
x, w, b, t = 1.5, 1.2, -0.5, 0.1


async def forward():
    z = w * x + b
    s = 1 / (1 + math.exp(-z))
    await asyncio.sleep(0)
    return z, s, s - t


async def main():
    z, s, e = await forward()
    de = 2 * e
    ds = de
    ds_dz = s * (1 - s)
    dz = ds * ds_dz
    dw = dz * x
    db = dz
    dx = dz * w
    log.info("dw=%f db=%f dx=%f", dw, db, dx)


asyncio.run(main())
