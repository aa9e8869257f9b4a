# 83. Turns switches of the kernel
# expect: graded
# kept by: strict, portable
# why: /proc and /sys are outside of what can be opened
for name in ("/proc/self/oom_score_adj", "/proc/self/coredump_filter", "/proc/sys/kernel/core_pattern",
             "/proc/sysrq-trigger", "/sys/kernel/mm/transparent_hugepage/enabled", "/sys/fs/cgroup/cgroup.procs"):
    for way in ("r", "r+", "w"):
        try:
            open(name, way)
            print("BREACH", name, way)
        except OSError as error:
            print("refused:", error)
