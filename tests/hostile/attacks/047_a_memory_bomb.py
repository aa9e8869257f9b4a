# 47. Takes more memory than there is: lists, bytes, maps
# expect: graded
# kept by: strict, portable, process
# why: the address space is limited; running goes on after the error
import mmap
for bomb in (lambda: [0] * 10**11, lambda: bytearray(2 * 10**9), lambda: mmap.mmap(-1, 2 * 10**9), lambda: "x" * 10**11):
    try:
        bomb()
        print("BREACH")
    except (MemoryError, OSError):
        print("refused")
