"""Whatever a child does, frame by frame: no point, no traceback, and no right value before its commit."""

from __future__ import annotations

import json
import math
import os
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import grader
from grader.diagnosis.repair_trials import repair_by_running
from grader.errors import GraderError
from grader.instrument.sites import instrument
from grader.judge.runs import teacher_forcing
from grader.judge.runs.teacher_forcing import Commitments
from grader.model import Observed, Value
from grader.reference.cache import reference_for
from grader.runner import wire
from grader.runner.protocols import Child, ChildEnded, Children, Frame
from grader.runner.types import Limits
from grader.runner.wire import Binding, Raise, Wired
from grader.submission.load import load_bytes
from tests.hostile.test_attacks import EXERCISE
from tests.hostile.test_fuzz_judging import Given

TEXT = "x = 0.7\nw = 1.2\nh = 3 * x\ny = h * w\nt = 0.3 * h\ndh = t\ndw = dh * x\ndx = dh + w\n"
FILE = load_bytes(TEXT.encode(), "mine.py")
SITES = instrument(TEXT, 0).sites
STEPS = ("dh", "dw", "dx")
JUNK = (0.375, -2.5, 17.0, 1e-9)
"""No right value of the exercise at any point, and no input."""

Move = tuple[str, int, int, int]
"""What is sent, at which place, which value, and what else there is to choose: numbers that are taken modulo."""

MOVES = (
    "next",
    "next",
    "next",
    "bind",
    "ask",
    "exception",
    "echo",
    "last",
    "raised",
    "left",
    "end",
    "noted",
    "garbage",
)
HABITS = ("value", "exception", "last", "echo")
moves = st.lists(st.tuples(st.sampled_from(MOVES), *[st.integers(0, 30)] * 3), max_size=40)
habits = st.lists(st.tuples(st.sampled_from(HABITS), st.integers(0, 30)), min_size=1, max_size=3)
"""What it does at every stop of a forced run, once it has made its moves."""


@dataclass
class Log:
    """What was committed and revealed in the run that is being made, and whatever went against the rule."""

    committed: set[str] = field(default_factory=set)
    revealed: int = 0
    broken: list[str] = field(default_factory=list)


def truths() -> list[tuple[dict[str, Value], dict[str, Value]]]:
    """Per point the inputs and the right values."""
    reference = reference_for(EXERCISE)
    return [(dict(point.inputs), dict(at)) for point, at in zip(reference.points, reference.values, strict=True)]


class AnyChild:
    """Sends what `moves` say, in runs as they come, and then follows its habit. It knows all that a child can know: its
    orders, and every answer it was given as long as it lives."""

    output = ""

    def __init__(self, moves: Iterator[Move], habit: Sequence[tuple[str, int]], log: Log) -> None:
        self._moves, self._habit, self._log = moves, habit, log
        self._order: dict[str, Any] = {}
        self._known: list[Wired] = []
        self._waiting: list[Callable[[], Frame]] = []
        self._script: list[tuple[int, int]] = []
        self._sequence = 0

    def provide(self, files: Sequence[object], limits: Limits) -> None: ...

    def begin(self, seconds: float) -> None:
        self._log.committed.clear()

    def send(self, kind: int, body: bytes = b"", deadline: float = math.inf) -> None:
        if kind == wire.SETUP:
            self._waiting = [lambda: (wire.READY, 0, b"")]
        elif kind == wire.RUN:
            self._order = json.loads(body)
            self._sequence = 0
            self._waiting = []
            stops = [tuple(stop) for stop in self._order["stops"]]
            self._script = stops or [(site.number, 0) for site in SITES]
        elif kind == wire.REPLACE:
            self._was_shown(wire.unpack_value(body))

    def _was_shown(self, value: Wired) -> None:
        self._known.append(value)
        for inputs, right in POINTS:
            if all(self._order["point"][name][2] == _text(one.data) for name, one in inputs.items()):
                for name, one in right.items():
                    if one.data == value.data:
                        self._log.revealed += 1
                        if name not in self._log.committed:
                            self._log.broken.append(name)

    def receive(self, deadline: float) -> Frame:
        if self._waiting:
            return self._waiting.pop(0)()
        move = next(self._moves, None)
        if move is not None:
            return self._frame(*move)
        if self._script and self._order["stops"]:
            place = self._script.pop(0)
            self._waiting = [partial(self._habitual, place, *one) for one in self._habit[1:]]
            return self._habitual(place, *self._habit[0])
        return self._frame("next", 0, 0, 0)

    def _habitual(self, place: tuple[int, int], what: str, value: int) -> Frame:
        values = {
            "value": self._value(value),
            "exception": Wired(wire.EXCEPTION, "float64", (), b""),
            "last": self._known[-1] if self._known else _number(JUNK[0]),
            "echo": self._known[value % len(self._known)] if self._known else _number(JUNK[0]),
        }
        return self._binding(wire.ASK, place, values[what], 0)

    def _frame(self, what: str, place: int, value: int, other: int) -> Frame:
        stops = [tuple(stop) for stop in self._order["stops"]]
        kind = wire.ASK if stops else wire.BINDING
        somewhere = (stops or [(site.number, 0) for site in SITES])[place % len(stops or SITES)]
        match what:
            case "next":
                if not self._script:
                    return wire.END, 0, wire.pack_end(other % 2, 0.0)
                return self._binding(kind, self._script.pop(0), self._value(value), place)
            case "bind" | "ask":
                return self._binding(wire.BINDING if what == "bind" else wire.ASK, somewhere, self._value(value), other)
            case "exception":
                return self._binding(kind, somewhere, Wired(other % 6, "float64", (), b"error" * (other % 2)), other)
            case "echo" | "last":
                known = self._known or [_number(JUNK[0])]
                return self._binding(kind, somewhere, known[-1 if what == "last" else value % len(known)], other)
            case "raised" | "left":
                told = Raise(0, place % 9, 0, value % 9, ("NameError: name 'dh' is not defined", "error")[other % 2])
                return (wire.RAISED if what == "raised" else wire.LEFT), 0, wire.pack_raise(told)
            case "end":
                return wire.END, other % 16, wire.pack_end(other % 3, 0.0)
            case "noted":
                return wire.NOTED, 0, wire.pack_noted(other % 2, 0, place, "name")
            case _:
                if other % 3 == 0:
                    raise ChildEnded(("killed", "timeout", "output", "protocol")[value % 4])
                return 14 + place % 14, other, bytes([value] * place)

    def _binding(self, kind: int, place: tuple[int, int], value: Wired, other: int) -> Frame:
        self._sequence += 1
        label = ("", "", "", *STEPS)[other % 6] if other > 20 else ""
        body = wire.pack_binding(Binding(self._sequence, *place, None, label, value))
        return kind, (0, 0, 0, other % 4)[other % 4], body

    def _value(self, number: int) -> Wired:
        """A number, no number, or something it was shown before."""
        choices = [*map(_number, JUNK), Wired(wire.OBJECT, "float64", (), b"error"), *self._known]
        return choices[number % len(choices)]

    def settle(self) -> None: ...

    def close(self) -> None: ...


def _number(number: float) -> Wired:
    return Wired(wire.NUMBERS, "float64", (), struct.pack("<d", number))


def _text(data: bytes) -> str:
    import base64

    return base64.b64encode(data).decode()


POINTS = truths()


@contextmanager
def recorded(log: Log) -> Iterator[None]:
    """Commits are entered in the log as they are recorded."""

    class Recorded(Commitments):
        def commit(self, name: str, handed_over: Observed) -> None:
            super().commit(name, handed_over)
            log.committed |= self.committed

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(teacher_forcing, "Commitments", Recorded)
        # Repairs are tried by hundreds of runs that are all alike to such a child.
        patched.setattr(repair_by_running, "SECONDS", 0.02)
        yield


def graded(tape: Sequence[Move], habit: Sequence[tuple[str, int]] = (("value", 0),)) -> Log:
    log, following = Log(), iter(tape)

    def child() -> Child:
        return AnyChild(following, habit, log)

    with recorded(log):
        try:
            result = grader.check(EXERCISE, FILE, children=Given(child))
        except GraderError:
            return log  # a sentence for the operator, and no score
    assert not result.score
    assert not [step.name for step in result.steps if step.outcome in ("correct", "carried", "compensated")]
    return log


def _property(examples: int) -> Any:
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(moves, habits)
    def holds(tape: list[Move], habit: list[tuple[str, int]]) -> None:
        assert graded(tape, habit).broken == []

    return holds


MANY = int(os.environ.get("GRADER_TEST_EXAMPLES", "2000"))
"""How many children are tried in the long test. Before a release:
`GRADER_TEST_EXAMPLES=20000 pytest -m slow tests/hostile/test_any_child.py -k in_memory`, which takes about an hour."""

MANY_REAL = int(os.environ.get("GRADER_TEST_REAL_EXAMPLES", "60"))
"""As many for children in a process of their own, which take some seconds each. Before a release: 200."""


@pytest.mark.parametrize("many", [30, pytest.param(MANY, marks=pytest.mark.slow)])
def test_a_child_in_memory_earns_nothing(many: int) -> None:
    _property(many)()


def test_such_a_child_is_shown_right_values_once_it_has_committed_itself() -> None:
    """Else the property would hold of a grader that shows nothing."""
    log = graded([])

    assert log.revealed > len(STEPS)
    assert log.broken == []


REWRITTEN = """
import math
x = 0.7
w = 1.2
h = math.tanh(w * x)
y = h**2
from grader.runner import wire
from grader.runner.child import recorder
habit, moves, known = @habit@, @moves@, []
def asked(self, binding, form, number):
    value = wire.Wired(form, "float64", (), number if form == wire.NUMBERS else b"")
    new = self._ask(wire.pack_binding(binding._replace(value=value)))
    if new is not None:
        known.append(new.data)
def stop(self, binding, value, in_place):
    own = binding.value.data
    for what, number in habit:
        if what == "value" or not known and what != "exception":
            asked(self, binding, wire.NUMBERS, own)
        elif what == "exception":
            asked(self, binding, wire.EXCEPTION, b"")
        else:
            asked(self, binding, wire.NUMBERS, known[-1] if what == "last" else known[number % len(known)])
    for what, place, number, other in moves[:2]:
        self._send((wire.BINDING, wire.RAISED, wire.LEFT, wire.END, 99)[place % 5], bytes([number] * other), other)
    self._left -= 1
    if self._left <= 0:
        self._over = True
        raise recorder.Enough
    return value
recorder.Recorder._stop = stop
t = 0.3 * h
dh = t
dw = dh * x
dx = dh + w
"""


@pytest.mark.slow
def test_a_child_that_rewrites_our_code_earns_nothing(children: Children) -> None:
    """The moves are made in a real process, in the place of what ours does at a stop."""

    @settings(max_examples=MANY_REAL, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(moves, habits)
    def holds(tape: list[Move], habit: list[tuple[str, int]]) -> None:
        told = {"@habit@": repr(habit), "@moves@": repr(tape)}
        text = REWRITTEN
        for mark, value in told.items():
            text = text.replace(mark, value)
        result = grader.check(EXERCISE, load_bytes(text.encode(), "mine.py"), children=children)
        assert not result.score
        assert not [one.name for one in result.steps if one.outcome in ("correct", "carried", "compensated")]

    holds()
