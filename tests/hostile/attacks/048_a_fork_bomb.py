# 48. Forks without end
# expect: graded
# kept by: strict, portable
# why: no call that makes processes is on the list
import os
for _ in range(50):
    try:
        if os.fork() == 0:
            os._exit(0)
        print("BREACH")
    except OSError as error:
        print("refused:", error)
