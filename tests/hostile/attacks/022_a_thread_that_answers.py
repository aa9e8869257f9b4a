# 22. A thread answers for the run that is being made
# expect: judged wrong
# kept by: strict, portable, process
# why: a thread sends what its process may send: nothing it sends later counts
import math
x = 0.7
w = 1.2
h = math.tanh(w * x)
y = h**2
import threading
import struct
from grader.runner import wire
from grader.runner.child import recorder
def asked(self, binding, form, data):
    return self._ask(wire.pack_binding(binding._replace(value=wire.Wired(form, "float64", (), data))))
def stop(self, binding, value, in_place):
    new = asked(self, binding, wire.NUMBERS, binding.value.data)
    if new is not None:
        try:
            one = threading.Thread(target=asked, args=(self, binding, wire.NUMBERS, new.data))
            one.start()
            one.join()
        except RuntimeError:
            pass
    self._left -= 1
    if self._left <= 0:
        self._over = True
        raise recorder.Enough
    return struct.unpack("<d", new.data)[0] if new is not None else value
recorder.Recorder._stop = stop
dh = x * 1.1 + w * 0.3
dw = x * 1.2 + w * 0.4
dx = x * 1.3 + w * 0.5
