# 12. Attaches to another process, or reads its memory by system calls
# expect: graded
# kept by: strict, portable
# why: the calls are not on the list
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for pid in (os.getppid(), @grader@):
    buffer = ctypes.create_string_buffer(8)
    vector = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 8)
    if libc.ptrace(16, pid, 0, 0) == 0:
        print("BREACH ptrace", pid)
    if libc.syscall(310, pid, vector, 1, vector, 1, 0) >= 0 or ctypes.get_errno() not in (1, 38):
        print("BREACH process_vm_readv", pid, ctypes.get_errno())
    if libc.syscall(434, pid, 0) >= 0 or ctypes.get_errno() not in (1, 38):
        print("BREACH pidfd_open", pid, ctypes.get_errno())
