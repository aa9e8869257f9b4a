# 65. Leaves locks, sockets and files for an accomplice
# expect: graded
# kept by: strict, portable
# why: nothing can be left: no file, no lock, no socket
import fcntl, os, socket
for lock in (lambda: fcntl.flock(0, fcntl.LOCK_EX), lambda: fcntl.lockf(os.open("/dev/null", os.O_RDONLY), fcntl.LOCK_SH)):
    try:
        lock()
        print("BREACH")
    except OSError as error:
        print("refused:", error)
for family in ("AF_UNIX", "AF_INET", "AF_NETLINK", "AF_VSOCK"):
    try:
        socket.socket(getattr(socket, family)).bind("\0left")
        print("BREACH", family)
    except (OSError, TypeError) as error:
        print("refused:", error)
