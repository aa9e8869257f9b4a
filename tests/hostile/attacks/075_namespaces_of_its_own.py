# 75. Makes namespaces of its own, mounts, changes the root
# expect: graded
# kept by: strict, portable
# why: the calls are not on the list
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for name, made in (
    ("unshare", lambda: libc.unshare(0x10000000)),
    ("chroot", lambda: libc.chroot(b".")),
    ("mount", lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None)),
    ("pivot_root", lambda: libc.syscall(155, b".", b".")),
    ("setns", lambda: libc.setns(0, 0)),
    ("open_tree", lambda: libc.syscall(428, -100, b"/", 0)),
    ("fsopen", lambda: libc.syscall(430, b"tmpfs", 0)),
):
    if made() >= 0 or ctypes.get_errno() != 1:
        print("BREACH", name, ctypes.get_errno())
