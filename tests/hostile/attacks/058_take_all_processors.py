# 58. Takes all processors by threads of the linear algebra
# expect: graded
# kept by: strict, portable, process
# library: numpy
# why: it has one thread
import os, time
import numpy as np
a = np.ones((300, 300))
wall, cpu = time.perf_counter(), time.process_time()
for _ in range(5):
    a = a @ a / 300
if time.process_time() - cpu > 1.5 * (time.perf_counter() - wall) + 0.05 or os.environ["OMP_NUM_THREADS"] != "1":
    print("BREACH")
