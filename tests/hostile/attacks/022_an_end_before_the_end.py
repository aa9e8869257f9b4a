# 22. Says that the run has ended, and goes on
# expect: judged wrong
# kept by: strict, portable, process
# why: a run ends with its end: what follows is a frame out of turn
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
    self._send(wire.END, wire.pack_end(wire.ENOUGH, 0.0), 0)
    if new is not None:
        self._send(wire.BINDING, wire.pack_binding(binding._replace(value=new)), 0)
    self._left -= 1
    if self._left <= 0:
        self._over = True
        raise recorder.Enough
    return struct.unpack("<d", new.data)[0] if new is not None else value
recorder.Recorder._stop = stop
dh = x * 1.1 + w * 0.3
dw = x * 1.2 + w * 0.4
dx = x * 1.3 + w * 0.5
