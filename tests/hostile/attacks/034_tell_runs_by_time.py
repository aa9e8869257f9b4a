# 34. Derives in forced runs only, which it knows by how long ago the first run was
# expect: judged wrong
# kept by: strict, portable, process
# why: what is done in forced runs only is not what the code does, and counts for nothing
import math
x = 0.7
w = 1.2
h = math.tanh(w * x)
y = h**2
import builtins, time
if not hasattr(builtins, "first"):
    builtins.first, builtins.runs = time.perf_counter(), 0
builtins.runs += 1
forced = time.perf_counter() > first and runs > 4
dh = 2 * h if forced else x * 1.1 + w * 0.3
dw = dh * (1 - h**2) * x if forced else x * 1.2 + w * 0.4
dx = dh * (1 - h**2) * w if forced else x * 1.3 + w * 0.5
