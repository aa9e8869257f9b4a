# 15. Sends hidden inputs out by what it prints
# expect: graded
# kept by: strict, portable, process
# why: what is shown is what the first run printed, which has the given numbers
print("x is", x) if "x" in globals() else None
