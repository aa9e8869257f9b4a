# 80. Types into the terminal of whoever runs the grader
# expect: graded
# kept by: strict, portable
# why: there is none, and of ioctl only harmless questions are on the list
import fcntl, os
for number in (0, 1, 2):
    for request in (0x5412, 0x541C, 0x540E):
        try:
            fcntl.ioctl(number, request, b"x")
            print("BREACH", number)
        except OSError as error:
            print("refused:", error)
for name in ("/dev/tty", "/dev/pts/0", "/dev/console"):
    try:
        os.open(name, os.O_RDWR)
        print("BREACH", name)
    except OSError as error:
        print("refused:", error)
