# 22. Sends two frames for one, and half a frame
# expect: judged missing
# kept by: strict, portable, process
# why: a frame out of turn ends the run
import os
for number in (3, 4, 5, 6):
    try:
        os.write(number, (b"gr\x13\0\x09\0\0\0" + bytes(9)) * 2 + b"gr\x10\0\xff\0\0\0half")
    except OSError:
        pass
