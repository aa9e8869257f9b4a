# 141. Stops the grader, or asks to be its debugger, by calls that are not `kill`
# expect: graded
# kept by: strict, portable
# why: a call that reaches another process is refused, whichever it is
import ctypes, fcntl, os
libc = ctypes.CDLL(None, use_errno=True)
STOP, SEIZE, ATTACH = 19, 0x4206, 16
information = (ctypes.c_char * 128)()
for pid in (os.getppid(), @grader@):
    calls = {
        "pidfd_open": (434, pid, 0),
        "rt_sigqueueinfo": (129, pid, STOP, information),
        "rt_tgsigqueueinfo": (297, pid, pid, STOP, information),
        "ptrace seize": (101, SEIZE, pid, 0, 0),
        "ptrace attach": (101, ATTACH, pid, 0, 0),
        "process_vm_readv": (310, pid, 0, 0, 0, 0, 0),
        "process_madvise": (440, pid, 0, 0, 0, 0),
        "kcmp": (312, os.getpid(), pid, 0, 0, 0),
        "sched_setaffinity": (203, pid, 8, information),
        "setpriority": (141, 0, pid, 19),
        "prlimit64": (302, pid, 7, 0, information),
    }
    for name, call in calls.items():
        if libc.syscall(*call) >= 0 or ctypes.get_errno() not in (1, 3, 22, 38):
            print("BREACH", name, pid, ctypes.get_errno())
reading, writing = os.pipe()
try:
    fcntl.fcntl(reading, fcntl.F_SETOWN, @grader@)
    print("BREACH: its signals go to the grader")
except OSError as error:
    print("refused:", error)
