# 110. Raises an error that takes for ever to say what it is
# expect: graded
# kept by: strict, portable, process
# why: it is asked under the limits of the run
class Mute(Exception):
    def __str__(self):
        while True:
            pass
raise Mute
