# 90. Is a quarter of a million characters long
# expect: graded
# kept by: strict, portable, process
# why: it is read within its limit; longer ones are refused unread
# generates: "pass\n" * 8_000 + "# " + "x" * 200_000 + "\n"
