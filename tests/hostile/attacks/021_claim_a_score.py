# 21. Writes a score where values belong
# expect: ended killed
# kept by: strict, portable, process
# why: what is not a frame ends the run
import os
for number in (1, 3, 4, 5, 6):
    try:
        os.write(number, b'{"score": 100, "passed": true}')
    except OSError:
        pass
