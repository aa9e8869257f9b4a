# 37. Changes limits, priority and processors of the process that started it
# expect: graded
# kept by: strict, portable
# why: the calls are on the list for itself only, and only to read
import os, resource
for change in (
    lambda pid: resource.prlimit(pid, resource.RLIMIT_NOFILE, (9, 9)),
    lambda pid: resource.prlimit(pid, resource.RLIMIT_NOFILE),
    lambda pid: os.setpriority(os.PRIO_PROCESS, pid, 19),
    lambda pid: os.sched_setaffinity(pid, {0}),
):
    for pid in (os.getppid(), @grader@):
        try:
            change(pid)
            print("BREACH", pid)
        except (OSError, ValueError) as error:
            print("refused:", error)
