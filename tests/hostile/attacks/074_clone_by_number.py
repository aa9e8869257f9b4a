# 74. Makes a process by the number of the call
# expect: graded
# kept by: strict, portable
# why: numbers are what the filter looks at
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for number, arguments in ((56, (17, 0, 0, 0, 0)), (57, ()), (58, ()), (435, (0, 0))):
    pid = libc.syscall(number, *arguments)
    if pid == 0:
        os._exit(0)
    if pid > 0:
        print("BREACH", number)
