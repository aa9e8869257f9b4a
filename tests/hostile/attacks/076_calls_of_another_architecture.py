# 76. Makes calls by the numbers of another architecture (x32)
# expect: ended killed
# kept by: strict, portable
# why: such a call ends it
import ctypes, platform
if platform.machine() != "x86_64":
    ctypes.string_at(0)
ctypes.CDLL(None).syscall(0x40000000 + 39)
print("BREACH")
