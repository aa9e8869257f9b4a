# 8. Looks for descriptors it has inherited: sockets, databases, files of the grader's
# expect: graded
# kept by: strict, portable
# why: all but its own pipes are closed before it runs
import os, stat
for number in range(3, 256):
    try:
        kind = os.fstat(number).st_mode
    except OSError:
        continue
    if not stat.S_ISFIFO(kind):
        print("BREACH", number, oct(kind), os.stat(number))
