# 7. Reads what the grader's environment holds
# expect: graded
# kept by: strict, portable, process
# why: a child gets an environment of its own
import os
if "@token@" in str(dict(os.environ)) or "@token@".encode() in b"".join(os.environb.values()):
    print("BREACH", dict(os.environ))
