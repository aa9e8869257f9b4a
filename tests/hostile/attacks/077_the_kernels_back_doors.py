# 77. Uses the parts of the kernel that most holes were found in
# expect: graded
# kept by: strict, portable
# why: the calls are not on the list
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
CALLS = {"io_uring_setup": 425, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "keyctl": 250, "add_key": 248,
         "ioprio_set": 251, "kexec_load": 246, "init_module": 175, "name_to_handle_at": 303, "open_by_handle_at": 304,
         "landlock_create_ruleset": 444, "process_madvise": 440, "memfd_secret": 447, "inotify_init1": 294}
for name, number in CALLS.items():
    if libc.syscall(number, 1, 0, 0, 0, 0) >= 0 or ctypes.get_errno() != 1:
        print("BREACH", name, ctypes.get_errno())
