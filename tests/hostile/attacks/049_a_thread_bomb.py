# 49. Starts threads without end
# expect: graded
# kept by: strict, portable
# why: no call that makes threads is on the list; those of `Thread` are run by the grader without one
import threading
for _ in range(50):
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    try:
        threading._start_new_thread(threading.Event().wait, ())
        print("BREACH")
    except RuntimeError as error:
        print("refused:", error)
