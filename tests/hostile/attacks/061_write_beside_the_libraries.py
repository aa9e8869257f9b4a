# 61. Leaves a module beside the libraries, to be run by the next submission
# expect: graded
# kept by: strict, portable
# why: libraries can be read and not written
import os, sys
for folder in [*sys.path, os.path.dirname(os.__file__)]:
    for name in ("sitecustomize.py", "left.pth", "usercustomize.py"):
        try:
            open(os.path.join(folder, name), "x")
            print("BREACH", folder, name)
        except OSError as error:
            print("refused:", error)
