# 143. Opens its own pipes once more by their names, the other way round
# expect: graded
# kept by: strict, portable, process
# why: there is nothing in them but what it sent or was told itself
import os, stat
for number in range(3, 64):
    try:
        if stat.S_ISFIFO(os.fstat(number).st_mode):
            again = os.open(f"/proc/self/fd/{number}", os.O_RDONLY | os.O_NONBLOCK)
            told = os.read(again, 0)
            os.close(again)
    except OSError:
        continue
try:
    others = os.listdir(f"/proc/{os.getppid()}/fd")
except OSError:
    others = []
