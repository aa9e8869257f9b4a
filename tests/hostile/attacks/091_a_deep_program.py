# 91. Is nested deeper than a parser can go
# expect: graded
# kept by: strict, portable, process
# why: what cannot be read is said to be, and no stack overflows
# generates: "z = " + "(" * 20_000 + "1" + ")" * 20_000 + "\n"
