# 84. Uses the powers of root, where the grader was run as root
# expect: graded
# kept by: strict, portable
# why: root becomes a user without powers first
import os
if 0 in (os.getuid(), os.geteuid()) or os.getgroups() not in ([], [os.getgid()]):
    print("BREACH", os.getuid(), os.getgroups())
