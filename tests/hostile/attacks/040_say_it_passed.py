# 40. Prints that all is right, raises, and leaves with status 0
# expect: ended ended
# kept by: strict, portable, process
# why: what is printed and how it leaves count for nothing
import sys
print("PASS: 100 / 100")
sys.exit(0)
