# 26. Binds floats and arrays of classes of its own, with operators that lie
# expect: judged wrong
# kept by: strict, portable, process
# library: numpy
# why: numbers are taken from the memory of an array, not from its methods
import numpy as np
class Liar(np.ndarray):
    def __array_ufunc__(self, *a, **k): return True
    def __eq__(self, other): return True
    def tobytes(self, *a): return bytes(8)
class Number(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
x = 0.7
w = 1.2
h = y = Number(0.25)
dh = dw = dx = np.array(0.25).view(Liar)
