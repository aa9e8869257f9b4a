# 36. Stops and ends other processes: the grader, the zygote, all it may
# expect: graded
# kept by: strict, portable
# why: it can send signals to itself alone, and not the two that nobody can catch
import os
for pid in (os.getppid(), @grader@, -1, 0, -os.getpgrp()):
    for number in (0, 19, 15, 9):
        try:
            os.kill(pid, number)
            print("BREACH", pid, number)
        except OSError as error:
            print("refused:", error)
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for pid in (os.getppid(), @grader@):
    if libc.syscall(234, pid, pid, 0) >= 0 or ctypes.get_errno() not in (1, 38):
        print("BREACH tgkill", pid, ctypes.get_errno())
