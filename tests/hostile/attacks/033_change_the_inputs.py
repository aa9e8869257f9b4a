# 33. Makes the inputs trivial for what is judged later
# expect: judged wrong
# kept by: strict, portable, process
# why: the reference is computed from the grader's own numbers
x = 0.7
w = 1.2
x = w = 0.0
h = y = dh = dw = dx = 0.0
