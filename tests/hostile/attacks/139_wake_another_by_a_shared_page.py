# 139. Waits at a page of a library until another submission, which has the same page, wakes it
# expect: graded
# kept by: strict, portable
# why: of futexes only those of one process are on the list
import ctypes, mmap, os, platform
libc = ctypes.CDLL(None, use_errno=True)
FUTEX = 202 if platform.machine() == "x86_64" else 98
file = os.open(os.__file__, os.O_RDONLY)
libc.mmap.restype = ctypes.c_void_p
page = libc.mmap(None, ctypes.c_size_t(4096), mmap.PROT_READ, mmap.MAP_SHARED, file, ctypes.c_long(0))
def tried(name, operation):
    if libc.syscall(FUTEX, ctypes.c_void_p(page), operation, 1, None, None, 0xFFFFFFFF) >= 0 or ctypes.get_errno() != 1:
        print("BREACH", name, ctypes.get_errno())
tried("wake", 1)
tried("wait", 0)
tried("wake bits", 10)
tried("wake by the clock", 1 | 256)
if libc.syscall(449, ctypes.create_string_buffer(24), 1, 0, None, 1) >= 0 or ctypes.get_errno() != 1:
    print("BREACH futex_waitv", ctypes.get_errno())
