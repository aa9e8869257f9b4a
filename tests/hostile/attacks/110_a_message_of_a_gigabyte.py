# 110. Raises an error whose text has no end
# expect: graded
# kept by: strict, portable, process
# why: it is made under the limits of the run, and two thousand characters are kept
class Endless(Exception):
    def __str__(self):
        return "x" * 10**7
raise Endless
