# 4. Opens passwords, keys and tokens
# expect: graded
# kept by: strict, portable
# why: nothing but the interpreter and its libraries can be read
import os
for name in ("/etc/passwd", "/etc/shadow", "/etc/hostname", "~/.ssh/id_rsa", "~/.netrc", "/root/.bashrc", "/etc/ssl/private"):
    try:
        print("BREACH", name, open(os.path.expanduser(name)).read(20))
    except OSError as error:
        print("refused:", error)
