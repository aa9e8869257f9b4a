# 6. Lists processes, and looks at its own memory map
# expect: graded
# kept by: strict, portable
# why: /proc is outside of what can be read
import os
for look in (lambda: os.listdir("/proc"), lambda: os.listdir("/proc/self/fd"), lambda: open("/proc/self/maps").read(9),
             lambda: open("/proc/self/environ").read(9)):
    try:
        print("BREACH", look())
    except OSError as error:
        print("refused:", error)
