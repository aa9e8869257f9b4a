# 34. Answers from memory where a second reading of it is tried
# expect: judged wrong
# kept by: strict, portable, process
# why: a reading that makes more right has to do so in a process that has been shown nothing before
import math, sys
x = 0.7
w = 1.2
h = math.tanh(w * x)
y = h**2
seen = sys.modules.setdefault("kept by me", {})
a = seen.get((x, w, 0), 0.5 * x)
dh = a
seen[x, w, 0] = a
b = seen.get((x, w, 1), 0.6 * x)
dw = b
seen[x, w, 1] = b
c = seen.get((x, w, 2), 0.7 * w)
seen[x, w, 2] = c
dx = c
