# 22. Binds an exception as if it were a value, in every run
# expect: judged unjudged
# kept by: strict, portable, process
# why: an exception is no binding: it is only the answer to a stop
import math
x = 0.7
w = 1.2
h = math.tanh(w * x)
y = h**2
from grader.runner import wire
from grader.runner.child import recorder
import functools
recorder.nothing = wire.Wired(wire.EXCEPTION, "float64", (), b"")
recorder.encode = functools.partial(getattr, recorder, "nothing")
dh = x * 1.1 + w * 0.3
dw = x * 1.2 + w * 0.4
dx = x * 1.3 + w * 0.5
