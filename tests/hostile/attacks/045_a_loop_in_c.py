# 45. Runs for ever inside of one call that Python cannot interrupt
# expect: ended timeout
# kept by: strict, portable, process
# why: the grader watches the CPU clock of the process from outside
sum(range(10**14))
