# 50. Leaves a process behind that outlives it
# expect: graded
# kept by: strict, portable
# why: no call that makes processes is on the list, nor one that makes sessions
import os
for way in (os.fork, os.setsid, os.forkpty):
    try:
        if way() == 0:
            os._exit(0)
        print("BREACH", way)
    except OSError as error:
        print("refused:", error)
