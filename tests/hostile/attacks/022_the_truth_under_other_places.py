# 22. Shows the truth of one stop as the value of all others
# expect: judged wrong
# kept by: strict, portable, process
# why: a place stands for its own quantity, and each has its own commit
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
    new = asked(self, binding, wire.NUMBERS, binding.value.data)
    if new is not None:
        for site, occurrence in sorted(self._plan.stops):
            other = binding._replace(site=site, occurrence=occurrence)
            asked(self, other, wire.NUMBERS, new.data)
    self._left -= 1
    if self._left <= 0:
        self._over = True
        raise recorder.Enough
    return struct.unpack("<d", new.data)[0] if new is not None else value
recorder.Recorder._stop = stop
dh = x * 1.1 + w * 0.3
dw = x * 1.2 + w * 0.4
dx = x * 1.3 + w * 0.5
