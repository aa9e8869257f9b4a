# 142. Announces a long frame and sends it byte by byte
# expect: ended timeout protocol killed
# kept by: strict, portable, process
# why: a run's time goes on while a frame is read
import os, stat, time
from grader.runner import wire
ends = []
for number in range(3, 64):
    try:
        if stat.S_ISFIFO(os.fstat(number).st_mode):
            os.write(number, b"")
            ends.append(number)
    except OSError:
        continue
for end in ends:
    os.write(end, wire.frame(wire.BINDING, bytes(4096))[:8])
while True:
    for end in ends:
        os.write(end, b"\x00")
    time.sleep(0.02)
