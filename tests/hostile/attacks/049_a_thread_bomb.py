# 49. Starts threads without end
# expect: graded
# kept by: strict, portable
# why: no call that makes threads is on the list
import threading
for _ in range(50):
    try:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        print("BREACH")
    except RuntimeError as error:
        print("refused:", error)
