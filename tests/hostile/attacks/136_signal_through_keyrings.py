# 136. Leaves a key in a keyring of its user, or looks for one
# expect: graded
# kept by: strict, portable
# why: the calls are not on the list
import ctypes, platform
libc = ctypes.CDLL(None, use_errno=True)
FIRST = 248 if platform.machine() == "x86_64" else 217
USER, SESSION = -4, -3
def tried(name, *arguments):
    if libc.syscall(*arguments) >= 0 or ctypes.get_errno() != 1:
        print("BREACH", name, ctypes.get_errno())
for ring in (-1, -2, SESSION, USER, -5):
    tried("add_key", FIRST, b"user", b"left", b"1", ctypes.c_size_t(1), ring)
    tried("request_key", FIRST + 1, b"user", b"left", None, ring)
    tried("keyctl search", FIRST + 2, 10, ring, b"user", b"left", 0)
    tried("keyctl describe", FIRST + 2, 6, ring, None, 0, 0)
tried("keyctl join", FIRST + 2, 1, b"left", 0, 0, 0)
