# 28. Binds infinities
# expect: judged wrong
# kept by: strict, portable, process
# why: only what is finite can be right
x = 0.7
w = 1.2
h = y = dh = dw = float("inf")
dx = -float("inf")
