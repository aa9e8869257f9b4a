# 137. Watches which files of a library another submission opens
# expect: graded
# kept by: strict, portable
# why: no call that watches files is on the list, and no lease or note can be taken on one
import ctypes, fcntl, os
libc = ctypes.CDLL(None, use_errno=True)
for name, watch in (
    ("inotify_init", lambda: libc.inotify_init()),
    ("inotify_init1", lambda: libc.inotify_init1(os.O_NONBLOCK)),
    ("inotify_add_watch", lambda: libc.inotify_add_watch(0, os.fsencode(os.__file__), 0x21)),
    ("fanotify_init", lambda: libc.fanotify_init(0, 0)),
):
    if watch() >= 0 or ctypes.get_errno() != 1:
        print("BREACH", name, ctypes.get_errno())
file, folder = os.open(os.__file__, os.O_RDONLY), os.open(os.path.dirname(os.__file__), os.O_RDONLY)
for name, take in (
    ("lease", lambda: fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)),
    ("is leased", lambda: fcntl.fcntl(file, fcntl.F_GETLEASE)),
    ("note", lambda: fcntl.fcntl(folder, fcntl.F_NOTIFY, fcntl.DN_ACCESS)),
    ("lock", lambda: fcntl.fcntl(file, fcntl.F_OFD_SETLK, bytes(32))),
    ("is locked", lambda: fcntl.fcntl(file, fcntl.F_GETLK, bytes(32))),
):
    try:
        take()
        print("BREACH", name)
    except OSError as error:
        print("refused:", error)
