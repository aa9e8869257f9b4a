# 52. Fills shared memory, where the next submission would find it
# expect: graded
# kept by: strict, portable
# why: the calls are not on the list, and /dev/shm cannot be written to
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for name, made in (
    ("shmget", lambda: libc.shmget(0, 4096, 0o1600)),
    ("mq_open", lambda: libc.syscall(240, b"q", 0o102, 0o600, None)),
    ("memfd", lambda: libc.memfd_create(b"m", 0)),
    ("semget", lambda: libc.semget(0, 1, 0o1600)),
):
    if made() >= 0:
        print("BREACH", name)
try:
    open("/dev/shm/left", "wb")
    print("BREACH /dev/shm")
except OSError as error:
    print("refused:", error)
