# 92. Has numbers that take longer to read than the rest
# expect: graded
# kept by: strict, portable, process
# why: a file has its limit, and hexadecimal digits are read in no time
# generates: "z = 0x" + "f" * 200_000 + "\n"
