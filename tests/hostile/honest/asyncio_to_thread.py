import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import asyncio
async def main():
    return await asyncio.gather(*(asyncio.to_thread(lambda h: 1 - h**2, h) for h in (h1, h2)))
s1, s2 = asyncio.run(main())
dy2 = 1.0
dw_y = h2
dh2 = w_y
dh2_raw = dh2 * s2
dh1 = dh2_raw * w_h
dh1_raw = dh1 * s1
dw_h = dh1_raw * h0 + dh2_raw * h1
