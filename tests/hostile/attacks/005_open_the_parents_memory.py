# 5. Opens memory, environment, command line and descriptors of the process that started it, and of the grader
# expect: graded
# kept by: strict, portable
# why: /proc is outside of what can be read
import os
for pid in (os.getppid(), @grader@, 1):
    for name in ("environ", "cmdline", "mem", "maps", "fd/0", "status"):
        try:
            print("BREACH", pid, name, len(open(f"/proc/{pid}/{name}", "rb").read(10)))
        except OSError as error:
            print("refused:", error)
