# 135. Leaves a file in shared memory, or looks for one that is there
# expect: graded
# kept by: strict, portable
# why: nothing can be made in /dev/shm or listed there, and the calls for shared memory are not on the list
import ctypes, os
from multiprocessing import shared_memory
libc = ctypes.CDLL(None, use_errno=True)
for name, way in (
    ("make", lambda: shared_memory.SharedMemory("left-by-one", create=True, size=16)),
    ("attach", lambda: shared_memory.SharedMemory("left-by-one")),
    ("list", lambda: os.listdir("/dev/shm")),
    ("folder", lambda: os.mkdir("/dev/shm/left")),
    ("link", lambda: os.symlink("x", "/dev/shm/left")),
    ("move", lambda: os.rename("/dev/null", "/dev/shm/left")),
):
    try:
        way()
        print("BREACH", name)
    except OSError as error:
        print("refused:", error)
for name, made in (
    ("shm_open", lambda: libc.shm_open(b"/left", os.O_CREAT | os.O_RDWR, 0o600)),
    ("sem_open", lambda: libc.sem_open(b"/left", os.O_CREAT, 0o600, 1) or -1),
    ("shmget", lambda: libc.shmget(0x1EF7, 4096, 0o1600)),
    ("shmat", lambda: libc.shmat(0, None, 0)),
    ("msgget", lambda: libc.msgget(0x1EF7, 0o1600)),
):
    print("refused" if made() in (-1, 0xFFFFFFFF) else f"BREACH {name}")
