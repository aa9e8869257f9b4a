# 44. Waits for input that never comes, and sleeps
# expect: ended timeout
# kept by: strict, portable, process
# why: there is no input, and wall time is limited
import sys, time
print(repr(sys.stdin.read()))
time.sleep(3600)
