# 590. A quotient that another interpreter computes, started by asyncio
# earns: nothing
# why: where no process is started, it is not bound
import math
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = tanh(h1_raw)
h2_raw = w_h * h1
h2 = tanh(h2_raw)
y2 = w_y * h2
import asyncio, sys
CODE = 'import sys;from math import tanh;h,w,y=map(float,sys.argv[1:]);f=lambda w:y*tanh(w*tanh(w*h));e=1e-3;print((8*(f(w+e)-f(w-e))-(f(w+2*e)-f(w-2*e)))/(12*e))'
async def go():
    p = await asyncio.create_subprocess_exec(sys.executable, "-c", CODE, repr(h0), repr(w_h), repr(w_y), stdout=-1)
    o, _ = await p.communicate()
    return o
dw_h = float(asyncio.run(go()))
