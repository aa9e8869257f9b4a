# 79. Runs programs that give their user other powers
# expect: graded
# kept by: strict, portable
# why: no program can be started, and none would be given powers
import os
for program in ("/bin/su", "/usr/bin/sudo", "/usr/bin/passwd", "/bin/mount"):
    try:
        os.execv(program, [program])
    except OSError as error:
        print("refused:", error)
if "NoNewPrivs" not in "NoNewPrivs":
    print("BREACH")
