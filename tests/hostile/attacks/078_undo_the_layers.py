# 78. Undoes the layers: the filter, the limits, the powers it gave up
# expect: graded
# kept by: strict, portable
# why: none of them can be undone, and the calls are not on the list
import ctypes, os, resource
libc = ctypes.CDLL(None, use_errno=True)
for option, value in ((22, 0), (38, 0), (4, 1), (8, 1), (24, 0), (1, 0), (36, 1)):
    if libc.prctl(option, value, 0, 0, 0) >= 0:
        print("BREACH prctl", option)
for limit in (resource.RLIMIT_AS, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU, resource.RLIMIT_CORE):
    try:
        resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print("BREACH", limit)
    except (OSError, ValueError) as error:
        print("refused:", error)
for become in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.setgroups([0])):
    try:
        become()
        print("BREACH")
    except OSError as error:
        print("refused:", error)
