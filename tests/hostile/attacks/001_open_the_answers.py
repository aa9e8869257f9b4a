# 1. Opens a file of the grader's by its absolute path
# expect: graded
# kept by: strict, portable
# why: nothing but the interpreter and its libraries can be read
try:
    print("BREACH", open("@secret@").read())
except OSError as error:
    print("refused:", error)
