# 18. Leaves before there is anything to judge, with exit status 0
# expect: ended ended
# kept by: strict, portable, process
# why: what was not handed over was not derived; exit status counts for nothing
import os
os._exit(0)
