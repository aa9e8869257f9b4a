# 2. Asks whether a file of the grader's exists, and how long it is
# expect: graded
# kept by: strict
# why: bubblewrap does not show it; Landlock alone hides the content and not the file
import os
try:
    print("BREACH", os.stat("@secret@").st_size)
except OSError as error:
    print("refused:", error)
