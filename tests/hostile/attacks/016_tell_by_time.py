# 16. Tells about hidden inputs by how long it takes
# expect: graded
# kept by: strict, portable, process
# why: no time and no memory of a run is shown to students
import time
time.sleep(0.05)
