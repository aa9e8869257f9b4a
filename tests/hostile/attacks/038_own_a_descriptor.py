# 38. Has the kernel send signals to others for it, as owner of a descriptor
# expect: graded
# kept by: strict, portable
# why: of fcntl only what concerns its own descriptors is on the list
import fcntl, os
for command, value in ((8, os.getppid()), (10, 9), (1024, 0), (fcntl.F_SETLK, b"\0" * 32)):
    try:
        fcntl.fcntl(1, command, value)
        print("BREACH", command)
    except OSError as error:
        print("refused:", error)
