# 34. Keeps state from run to run, to answer with what an earlier run was shown
# expect: judged wrong
# kept by: strict, portable, process
# why: all natural runs come before the first value is shown, and the first hand-over counts
import sys
seen = sys.modules.setdefault("kept by me", [])
x = 0.7
w = 1.2
h = seen[0] if seen else 0.1
y = seen[1] if len(seen) > 1 else 0.2
dh = seen[2] if len(seen) > 2 else 0.3
dw = seen[3] if len(seen) > 3 else 0.4
dx = seen[4] if len(seen) > 4 else 0.5
seen[:] = [h, y, dh, dw, dx]
