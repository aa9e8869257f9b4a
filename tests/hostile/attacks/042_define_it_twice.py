# 42. Has other steps for other runs, by the name of the module
# expect: graded
# kept by: strict, portable, process
# why: the module is called `__main__`, as when a student runs it; the last binding counts
if __name__ != "__main__":
    dw = 12.0
