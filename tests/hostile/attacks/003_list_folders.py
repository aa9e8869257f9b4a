# 3. Lists the folders other people's work may be in
# expect: graded
# kept by: strict, portable
# why: no folder can be listed but those of libraries
import os
for folder in ("/", "/home", "/root", "/tmp", "..", os.path.dirname("@secret@")):
    try:
        print("BREACH", folder, os.listdir(folder))
    except OSError as error:
        print("refused:", error)
