# 140. Tells another submission by how much it computes, or how much memory it takes, while both run
# expect: graded
# kept by: strict, portable
# why: of clocks only those of the machine and its own are on the list, and no call that says how busy the machine is
import ctypes, os, time
libc = ctypes.CDLL(None, use_errno=True)
for pid in (1, os.getppid(), os.getpid() - 1, os.getpid() + 1):
    clock = (~pid << 3) | 2
    try:
        print("BREACH", time.clock_gettime(clock))
    except OSError as error:
        print("refused:", error)
if libc.sysinfo(ctypes.create_string_buffer(256)) >= 0 or ctypes.get_errno() != 1:
    print("BREACH sysinfo", ctypes.get_errno())
for name, ask in (
    ("loadavg", os.getloadavg),
    ("meminfo", lambda: open("/proc/meminfo").read()),
    ("stat", lambda: open("/proc/stat").read()),
    ("pressure", lambda: open("/proc/pressure/cpu").read()),
):
    try:
        ask()
        print("BREACH", name)
    except OSError as error:
        print("refused:", error)
