# 73. Starts a program
# expect: graded
# kept by: strict, portable
# why: no call that starts programs is on the list
import ctypes, os, subprocess, sys
for start in (
    lambda: os.system("true") == 0,
    lambda: subprocess.run(["/bin/sh", "-c", "true"]),
    lambda: os.posix_spawn("/bin/sh", ["sh", "-c", "true"], {}),
    lambda: os.execv(sys.executable, ["python", "-c", "print('BREACH exec')"]),
    lambda: os.execv("/bin/sh", ["sh", "-c", "echo BREACH exec"]),
    lambda: ctypes.CDLL(None).syscall(59, b"/bin/true", None, None) >= 0,
):
    try:
        if start():
            print("BREACH", start)
    except (OSError, ValueError) as error:
        print("refused:", error)
