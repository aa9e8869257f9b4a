# 22. Asks at all stops from the last to the first before it hands over anything of its own
# expect: judged wrong
# kept by: strict, portable, process
# why: whatever is handed over first is the commit, and what is handed over later does not count, in whatever order
import math
x = 0.7
w = 1.2
h = math.tanh(w * x)
y = h**2
import struct
from grader.runner import wire
from grader.runner.child import recorder
known = {}
def asked(self, binding, form, data):
    return self._ask(wire.pack_binding(binding._replace(value=wire.Wired(form, "float64", (), data))))
def stop(self, binding, value, in_place):
    for place in sorted(self._plan.stops, reverse=True):
        if place not in known:
            other = binding._replace(site=place[0], occurrence=place[1])
            known[place] = asked(self, other, wire.NUMBERS, bytes(8))
    new = known.get((binding.site, binding.occurrence))
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
