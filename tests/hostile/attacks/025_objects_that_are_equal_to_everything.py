# 25. Binds objects that claim to be equal to everything, and near it
# expect: judged wrong
# kept by: strict, portable, process
# why: values are made numbers in the child; the grader sees numbers only
class Evil:
    __eq__ = __le__ = __lt__ = __ge__ = lambda self, other: True
    __abs__ = __sub__ = __rsub__ = lambda self, *other: 0.0
    def __float__(self): return 0.25
x = 0.7
w = 1.2
h = y = dh = dw = dx = Evil()
