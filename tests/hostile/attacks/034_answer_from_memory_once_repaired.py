# 34. Answers from memory in the runs that prove a repair
# expect: judged wrong
# kept by: strict, portable, process
# why: what gives points has to show in a process that has been shown nothing before
import math, sys
x = 0.7
w = 1.2
h = math.tanh(w * x)
y = h**2
seen = sys.modules.setdefault("kept by me", {})
dh = 3 * h
dw = seen.get((x, w, "dw"), 0.5)
seen[x, w, "dw"] = dw
dx = seen.get((x, w, "dx"), 0.25)
seen[x, w, "dx"] = dx
