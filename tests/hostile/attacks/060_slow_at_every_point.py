# 60. Is a little slower than allowed, at every point
# expect: ended timeout
# kept by: strict, portable, process
# why: each run has its limit, and a submission that runs out of time is not run again and again
import time
began = time.process_time()
while time.process_time() - began < 3:
    pass
