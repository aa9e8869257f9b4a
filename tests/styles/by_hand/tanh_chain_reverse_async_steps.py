# exercise: tanh-chain-reverse
import asyncio, math
h0, w_h, w_y = 0.5, 2.0, 40.0
h1_raw = w_h*h0; h1 = math.tanh(h1_raw); h2_raw = w_h*h1; h2 = math.tanh(h2_raw); y2 = w_y*h2

async def through_tanh(g, out):
    await asyncio.sleep(0)
    return g*(1-out**2)
async def main():
    global dy2, dw_y, dh2, dh2_raw, dh1, dh1_raw, dw_h
    dy2 = 1.0
    dw_y, dh2 = h2*dy2, w_y*dy2
    dh2_raw = await through_tanh(dh2, h2)
    dh1 = w_h*dh2_raw
    dh1_raw = await through_tanh(dh1, h1)
    dw_h = h1*dh2_raw + h0*dh1_raw
asyncio.run(main())
