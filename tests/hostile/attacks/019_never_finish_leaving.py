# 19. Keeps the process from ending: atexit, a destructor, a signal handler
# expect: ended timeout
# kept by: strict, portable, process
# why: the grader ends it by its handle
import atexit, os, signal, time
def forever(*_):
    while True:
        try:
            time.sleep(1)
        except BaseException:
            pass
class Trap:
    __del__ = forever
trap = Trap()
atexit.register(forever)
for number in (1, 2, 3, 10, 12, 14, 15, 27):
    signal.signal(number, forever)
forever()
