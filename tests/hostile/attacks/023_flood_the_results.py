# 23. Sends results without end
# expect: ended killed
# kept by: strict, portable, process
# why: what a run may send is capped, and the frames are none
import os
for number in (3, 4, 5, 6):
    try:
        while True:
            os.write(number, b"gr\x10\0\0\0\1\0" + bytes(65536))
    except OSError:
        pass
