# 31. Binds whole numbers of ten thousand digits
# expect: judged unjudged
# kept by: strict, portable, process
# why: what float64 cannot hold is no value; nothing parses digits
x = 0.7
w = 1.2
h = y = dh = dw = dx = 10**10000
