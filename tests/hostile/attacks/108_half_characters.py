# 108. Prints and raises halves of characters, which no encoding can write
# expect: graded
# kept by: strict, portable, process
# why: they are written out; one bad name never stops a batch
import sys
sys.stdout.buffer.write(b"\xff\xfe\xed\xa0\x80\n")
raise ValueError("\ud800")
