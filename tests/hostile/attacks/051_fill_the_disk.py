# 51. Fills the disk: a long file, many files, a sparse file
# expect: graded
# kept by: strict, portable
# why: no file can be made or written to
import os, tempfile
for folder in (os.getcwd(), tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm", os.environ["HOME"]):
    for name in ("x", "y"):
        path = os.path.join(folder, f"filler-{name}")
        try:
            with open(path, "wb") as file:
                file.write(b"x" * 4096)
            print("BREACH", path)
        except OSError as error:
            print("refused:", error)
        try:
            os.mkdir(path)
            print("BREACH", path)
        except OSError as error:
            print("refused:", error)
