# 43. Runs for ever
# expect: ended timeout
# kept by: strict, portable, process
# why: CPU time is limited
while True:
    pass
