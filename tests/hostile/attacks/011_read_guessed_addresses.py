# 11. Reads memory at addresses it guesses
# expect: ended killed
# kept by: strict, portable, process
# why: there is nothing there, and what crashes is itself
import ctypes
ctypes.string_at(0x1000, 8)
