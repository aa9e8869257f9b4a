# 134. Tells a later submission by which pages of a library are in memory
# expect: graded
# kept by: strict, portable
# why: no call is on the list that drops pages of a file, or says whether they are there; how long a read takes is left
import ctypes, mmap, os
libc = ctypes.CDLL(None, use_errno=True)
file = os.open(os.__file__, os.O_RDONLY)
size = os.fstat(file).st_size
page = mmap.mmap(file, size, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
at, length = ctypes.addressof(ctypes.c_char.from_buffer(page)), (size + 4095) // 4096 * 4096
def refused(name, result):
    print("refused" if result < 0 else f"BREACH {name}")
def advise(advice):
    refused(f"madvise {advice}", libc.madvise(ctypes.c_void_p(at), ctypes.c_size_t(length), advice))
for name, ask in (
    ("fadvise dontneed", lambda: os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)),
    ("fadvise willneed", lambda: os.posix_fadvise(file, 0, 0, os.POSIX_FADV_WILLNEED)),
    ("preadv2", lambda: os.preadv(file, [bytearray(4096)], 0, os.RWF_NOWAIT)),
):
    try:
        ask()
        print("BREACH", name)
    except OSError as error:
        print("refused:", error)
refused("mincore", libc.mincore(ctypes.c_void_p(at), ctypes.c_size_t(length), ctypes.create_string_buffer(length // 4096)))
refused("readahead", libc.readahead(file, ctypes.c_int64(0), ctypes.c_size_t(4096)))
refused("cachestat", libc.syscall(451, file, ctypes.create_string_buffer(16), ctypes.create_string_buffer(40), 0))
for advice in (3, 9, 20, 21, 22, 23, 100):  # WILLNEED, REMOVE, COLD, PAGEOUT, POPULATE_READ, POPULATE_WRITE, HWPOISON
    advise(advice)
