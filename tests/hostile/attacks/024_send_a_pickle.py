# 24. Sends objects that do something when they are read
# expect: ended killed
# kept by: strict, portable, process
# why: nothing on the grader's side reads objects
import os, pickle
class Evil:
    def __reduce__(self):
        return print, ("BREACH",)
for number in (3, 4, 5, 6):
    try:
        os.write(number, pickle.dumps(Evil()))
    except OSError:
        pass
