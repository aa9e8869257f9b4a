# 82. Loads a library it has brought along
# expect: graded
# kept by: strict, portable
# why: nothing can be written to load it from, and nothing of its own be read
import ctypes, os
for path in ("./evil.so", "/tmp/evil.so", "@secret@"):
    try:
        print("BREACH", ctypes.CDLL(os.path.abspath(path)))
    except OSError as error:
        print("BREACH" if "invalid ELF" in str(error) or "too short" in str(error) else "refused:", error)
