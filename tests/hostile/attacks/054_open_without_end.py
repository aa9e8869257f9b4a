# 54. Opens descriptors without end
# expect: graded
# kept by: strict, portable
# why: it may have 32
import os
opened = []
try:
    for _ in range(5000):
        opened.append(os.open("/dev/null", os.O_RDONLY))
    print("BREACH", len(opened))
except OSError as error:
    print("refused:", error)
for one in opened:
    os.close(one)
