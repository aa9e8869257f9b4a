# 39. Closes the way results take, and sleeps
# expect: ended killed timeout
# kept by: strict, portable, process
# why: nothing waits for it without a deadline
import os, time
for number in range(3, 64):
    try:
        os.close(number)
    except OSError:
        pass
time.sleep(60)
