# 53. Prints without end
# expect: ended output
# kept by: strict, portable, process
# why: little is kept, and much ends the run
while True:
    print("x" * 10_000)
