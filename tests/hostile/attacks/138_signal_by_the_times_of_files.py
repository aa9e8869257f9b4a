# 138. Tells a later submission by when a file of a library was last read
# expect: graded
# kept by: strict, portable
# why: where a submission runs every file system is mounted read-only, and reading changes no time of a file
import os
def times(path):
    facts = os.lstat(path)
    return facts.st_atime_ns, facts.st_mtime_ns, facts.st_ctime_ns
def read(path):
    if os.path.islink(path):
        os.stat(path)
    elif os.path.isdir(path):
        os.listdir(path)
    else:
        with open(path, "rb") as file:
            file.read(1)
library = os.path.dirname(os.__file__)
tried = [os.path.join(library, name) for name in os.listdir(library)]
tried += ["/dev/null", "/dev/fd", "/dev/stdin", "/proc/mounts", "/proc/net", "/proc/thread-self", "/lib", "/usr/lib",
          "/sys/devices/system/cpu", "/etc/localtime", "/usr/share/zoneinfo"]
changed = looked = 0
for path in tried:
    try:
        before = times(path)
        read(path)
        looked += 1
        changed += times(path) != before
    except OSError as error:
        pass
print("looked at", looked > 50)
if changed:
    print("BREACH", changed)
for name, change in (
    ("utime", lambda: os.utime(os.__file__)),
    ("utime of nothing", lambda: os.utime("/dev/null")),
    ("chmod", lambda: os.chmod(os.__file__, 0o644)),
    ("setxattr", lambda: os.setxattr(os.__file__, "user.left", b"1")),
):
    try:
        change()
        print("BREACH", name)
    except OSError as error:
        print("refused:", error)
