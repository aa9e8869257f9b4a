# 22. Sends frames of other kinds with the truth in it
# expect: judged wrong
# kept by: strict, portable, process
# why: no other frame is a commit
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
        body = wire.pack_binding(binding._replace(value=new))
        self._send(wire.BINDING, body, 0)
        self._send(wire.SLOW, wire.pack_place(0, 3), 0)
        self._send(wire.NOTED, wire.pack_noted(wire.PACKAGE, 0, 3, 'dh'), 0)
        self._send(wire.LEFT, wire.pack_raise(wire.Raise(0, 3, 0, 3, 'SystemExit')), 0)
        self._send(wire.RAISED, wire.pack_raise(wire.Raise(0, 3, 0, 3, 'NameError: name \'dh\' is not defined')), 0)
    self._left -= 1
    if self._left <= 0:
        self._over = True
        raise recorder.Enough
    return struct.unpack("<d", new.data)[0] if new is not None else value
recorder.Recorder._stop = stop
dh = x * 1.1 + w * 0.3
dw = x * 1.2 + w * 0.4
dx = x * 1.3 + w * 0.5
