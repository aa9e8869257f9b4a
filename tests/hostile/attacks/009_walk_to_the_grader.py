# 9. Walks frames and all objects to whatever graded others
# expect: graded
# kept by: strict, portable, process
# why: the grader is another process, and the fork server never held a submission
import gc, sys
frame = sys._getframe()
while frame.f_back:
    frame = frame.f_back
OWN = ("grader.runner", "grader.instrument")
names = [name for name in sys.modules if name.startswith("grader.") and not name.startswith(OWN)]
if names:
    print("BREACH", names)
payloads = [one for one in gc.get_objects() if type(one) is bytes and b"neighbour.py" in one]
if payloads:
    print("BREACH", payloads[0][:80])
