# 144. Leaves something in the kernel for a later submission, or sees what a sibling does
# expect: graded
# kept by: strict, portable
# why: no call is on the list that makes a queue, a semaphore, a lock, a socket or a name, or changes how processes are scheduled, and nothing of /proc or /dev can be read
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
room = ctypes.create_string_buffer(256)
above = os.getppid()
calls = {
    "shmget": (29, 77, 4096, 0o1666), "semget": (64, 77, 1, 0o1666), "msgget": (68, 77, 0o1666),
    "semop": (65, 0, room, 1), "msgsnd": (69, 0, room, 1, 0), "shmctl": (31, 0, 2, room),
    "mq_open": (240, b"left", 0o102, 0o666, 0), "memfd_create": (319, b"left", 0), "userfaultfd": (323, 1),
    "socket": (41, 1, 1, 0), "socketpair": (53, 1, 1, 0, room), "flock": (73, 0, 2), "io_uring_setup": (425, 1, room),
    "sethostname": (170, b"left", 4), "setdomainname": (171, b"left", 4), "umask": (95, 0), "personality": (135, -1),
    "setpriority": (141, 0, 0, 5), "sched_setaffinity": (203, 0, 128, room), "sched_setscheduler": (144, 0, 3, room),
    "ioprio_get": (252, 1, above), "ioprio_set": (251, 1, 0, 0), "mlock": (149, 0, 0), "mlockall": (151, 1),
    "timer_create": (222, 0, 0, room), "adjtimex": (159, room), "quotactl": (179, 0, 0, 0, 0), "sync": (162,),
    "syncfs": (306, 0), "fsync": (74, 1), "statmount": (457, room, room, 256, 0), "listmount": (458, room, room, 1, 0),
    "name_to_handle_at": (303, -100, b"/", room, room, 0), "move_pages": (279, above, 0, 0, 0, 0, 0),
    "get_mempolicy": (239, 0, 0, 0, 0, 0), "futex_waitv": (449, room, 1, 0, 0, 0), "futex_wake": (454, room, 1, 1, 0),
    "perf_event_open": (298, room, above, -1, -1, 0), "bpf": (321, 0, room, 128), "pidfd_getfd": (438, 0, 0, 0),
    "process_mrelease": (448, 0, 0), "tkill": (200, above, 0), "syslog": (103, 10, 0, 0), "fallocate": (285, 1, 0, 0, 1),
    "set_mempolicy": (238, 0, 0, 0), "vmsplice": (278, 1, room, 1, 0), "sendfile": (40, 1, 0, 0, 1),
}  # fmt: skip
for name, call in calls.items():
    if libc.syscall(*call) >= 0 or ctypes.get_errno() not in (1, 38):
        print("BREACH", name, ctypes.get_errno())
NAMES = ("/proc", "/proc/locks", "/proc/self/smaps", "/proc/self/statm", "/proc/self/io", "/proc/self/fdinfo/0",
         "/proc/net/unix", "/proc/sys/fs/file-nr", "/proc/sys/kernel/pty/nr", "/proc/vmstat", "/proc/key-users",
         f"/proc/{above}/stat", f"/proc/{os.getpid() - 1}/stat", f"/proc/{os.getpid() + 1}/status", "/proc/sysvipc/shm",
         "/dev/shm", "/dev/mqueue", "/dev/pts", "/tmp", "/sys/kernel")  # fmt: skip
for name in NAMES:
    try:
        os.listdir(name) if os.path.isdir(name) else open(name, "rb").read(64)
        print("BREACH", name)
    except OSError as error:
        print("refused:", error.errno)
places = []
for descriptor in range(2048):
    try:
        os.lseek(descriptor, 0, os.SEEK_END)
        places.append(descriptor)
    except OSError:
        pass
if places not in ([], [0]):  # a place in a file is shared by all that inherited it; /dev/null has none
    print("BREACH", places)
