# 81. Runs machine code of its own
# expect: graded
# kept by: strict, portable
# why: it can: it has the same calls then, and no others
import ctypes, mmap, platform
if platform.machine() == "x86_64":
    page = mmap.mmap(-1, 4096, prot=7)
    page.write(b"\xb8\x39\x00\x00\x00\x0f\x05\xc3")  # fork()
    code = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    if (pid := code()) != -1:
        if pid == 0:
            ctypes.CDLL(None)._exit(0)
        print("BREACH", pid)
