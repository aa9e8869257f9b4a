# 55. Recurses until the stack is gone
# expect: ended killed timeout
# kept by: strict, portable, process
# why: what crashes is itself
import sys
sys.setrecursionlimit(10**9)
def down(n):
    return down(n + 1) + 1
class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x")
down(0)
Deep().a
