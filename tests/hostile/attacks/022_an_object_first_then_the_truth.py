# 22. Hands over an object that is called error, then the truth
# expect: judged wrong
# kept by: strict, portable, process
# why: whatever is handed over first is the commit, and what is handed over later does not count
import math
x = 0.7
w = 1.2
h = math.tanh(w * x)
y = h**2
import struct
from grader.runner import wire
from grader.runner.child import recorder
def asked(self, binding, form, data):
    return self._ask(wire.pack_binding(binding._replace(value=wire.Wired(form, "float64", (), data))))
def stop(self, binding, value, in_place):
    new = asked(self, binding, wire.OBJECT, b'error')
    if new is not None:
        asked(self, binding, wire.NUMBERS, new.data)
    self._left -= 1
    if self._left <= 0:
        self._over = True
        raise recorder.Enough
    return struct.unpack("<d", new.data)[0] if new is not None else value
recorder.Recorder._stop = stop
dh = x * 1.1 + w * 0.3
dw = x * 1.2 + w * 0.4
dx = x * 1.3 + w * 0.5
