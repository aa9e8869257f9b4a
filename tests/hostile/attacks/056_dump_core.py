# 56. Crashes so that its memory is written to disk
# expect: ended killed
# kept by: strict, portable, process
# why: core files have length 0
import os
os.abort()
