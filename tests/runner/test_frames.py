"""What a session makes of the frames of its children, and what it sends them: children that follow a script."""

from __future__ import annotations

import base64
import json
import os
import site
import struct
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from grader.errors import InternalError
from grader.instrument.name_matching import joined
from grader.model import CompanionFile, Isolation, Opaque, Value
from grader.runner import session as session_module
from grader.runner import wire
from grader.runner.protocols import ChildEnded, Frame
from grader.runner.session import MAX_NOTES, Session
from grader.runner.types import Event, Labels, Limits, Noted, Order, Raised, Setup, SlopePerturbation, Trace
from grader.runner.wire import Binding, Raise, Wired
from grader.submission.shifted import Shift

TWO = Wired(wire.NUMBERS, "float64", (), struct.pack("<d", 2.0))
NOTHING = Wired(wire.EXCEPTION, "float64", (), b"")
READY: Frame = (wire.READY, 0, b"")
KILLED = ChildEnded("killed")

CELLS = ("a = 1\nb = 2\n", "c = a + b\n")
"""Three sites, in two cells of two and of one statement."""


def binding(sequence: int = 1, site: int = 0, flags: int = 0, value: Wired = TWO, label: str = "") -> Frame:
    return wire.BINDING, flags, wire.pack_binding(Binding(sequence, site, 0, None, label, value))


def ask(site: int = 0, value: Wired = TWO) -> Frame:
    return wire.ASK, 0, binding(site=site, value=value)[2]


def end(how: int = wire.FINISHED, cpu: float = 0.5, flags: int = 0) -> Frame:
    return wire.END, flags, wire.pack_end(how, cpu)


def raised(cell: int = 0, statement: int = 0, at_cell: int = 0, kind: int = wire.RAISED) -> Frame:
    return kind, 0, wire.pack_raise(Raise(cell, statement, at_cell, 1, "ValueError: no"))


def place(kind: int, cell: int, statement: int) -> Frame:
    return kind, 0, wire.pack_place(cell, statement)


def noted(what: int = wire.PACKAGE, cell: int = 0, line: int = 1, name: str = "pkg") -> Frame:
    return wire.NOTED, 0, wire.pack_noted(what, cell, line, name)


Script = Sequence[Frame | ChildEnded]


@dataclass
class Scripted:
    """A child that sends what is written, and keeps what it is sent."""

    script: Script
    printed: str = ""
    sent: list[tuple[int, bytes]] = field(default_factory=list)
    provided: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    closed: bool = False
    at: int = 0
    output: str = ""
    deaf: bool = False
    """Whether it has ended, and reads no setup any more."""
    waits: float = 0.0
    """Seconds on the test's clock until each frame."""
    deadlines: list[float] = field(default_factory=list)

    def provide(self, files: Sequence[CompanionFile], limits: Limits) -> None:
        self.provided = [one.name for one in files]

    def begin(self, seconds: float) -> None:
        self.seconds.append(seconds)

    def send(self, kind: int, body: bytes = b"", deadline: float = 0.0) -> None:
        if self.deaf and kind == wire.SETUP:
            raise KILLED
        self.sent.append((kind, body))

    def receive(self, deadline: float) -> Frame:
        self.deadlines.append(deadline)
        CLOCK.now += self.waits
        if self.at == len(self.script):
            raise KILLED
        self.at += 1
        told = self.script[self.at - 1]
        if isinstance(told, ChildEnded):
            raise told
        return told

    def settle(self) -> None:
        self.output = self.printed

    def stop(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self.closed, self.output = True, self.printed

    def orders(self) -> list[dict[str, Any]]:
        return [json.loads(body) for kind, body in self.sent if kind == wire.RUN]


@dataclass
class Clock:
    """What time it is in a test."""

    now: float = 1000.0

    def monotonic(self) -> float:
        return self.now


CLOCK = Clock()


@dataclass
class Scripts:
    """One child after the other."""

    children: list[Scripted]
    isolation: Isolation = "portable"
    used: int = 0

    def child(self, libraries: Sequence[str]) -> Scripted:
        self.used += 1
        return self.children[self.used - 1]

    def close(self) -> None:
        pass


def setup(*cells: str, limits: Limits = Limits(), **more: Any) -> Setup:  # noqa: B008  # frozen
    labels = Labels({}, frozenset(), frozenset(), ())
    names = tuple(f"mine.py#{number}" for number in range(len(cells)))
    return Setup("mine.py", cells, more.pop("names", names), labels, {}, False, limits, **more)


@contextmanager
def session(*scripts: Script, cells: Sequence[str] = CELLS, **more: Any) -> Iterator[tuple[Session, list[Scripted]]]:
    """A session whose children follow these scripts."""
    libraries = more.pop("libraries", ())
    children = [Scripted(one, f"printed by {number}") for number, one in enumerate(scripts)]
    with Session(setup(*cells, **more), libraries, None, Scripts(children)) as made:
        yield made, children


def trace_of(*frames: Frame | ChildEnded) -> Trace:
    """The trace of one run in which the child sends these frames; where it is gone, the next one sends nothing more."""
    with session([READY, *frames], [READY, end()]) as (made, _):
        return made._run(Order({}), None)


# what frames say


def test_bindings_are_in_order_with_their_roles() -> None:
    trace = trace_of(
        binding(3, 2),
        binding(1, 0, wire.INPUT),
        binding(2, 1, wire.UPDATE, label=joined("grads", "w")),
        end(wire.ENOUGH),
    )

    assert trace.ended == "enough"
    assert [(one.sequence, one.site, one.role, one.owner, one.label) for one in trace.events] == [
        (1, 0, "input", "", ""),
        (2, 1, "update", "grads", "w"),
        (3, 2, "own", "", ""),
    ]
    assert trace.events[0].value == Value.scalar(2.0)


@pytest.mark.parametrize(
    ("form", "kind"),
    [(wire.PLACEHOLDER, "placeholder"), (wire.TEXT, "text"), (wire.OBJECT, "object"), (wire.TOO_LARGE, "too_large")],
)
def test_what_is_no_number_has_the_name_of_its_type(form: int, kind: str) -> None:
    trace = trace_of(binding(value=Wired(form, "float64", (), b"list")), end())

    assert trace.events[0].value == Opaque(kind, "list")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("how", "ended"), [(wire.FINISHED, "finished"), (wire.ENOUGH, "enough"), (wire.TIMEOUT, "timeout")]
)
def test_how_a_run_ended(how: int, ended: str) -> None:
    assert trace_of(end(how, flags=wire.used_flags({"torch"}))) == Trace((), (), ended, frozenset({"torch"}))  # type: ignore[arg-type]


def test_errors_and_slow_statements_and_where_the_program_was_left() -> None:
    trace = trace_of(
        raised(0, 1),
        raised(1, 0, 0),
        place(wire.SLOW, 0, 1),
        place(wire.SLOW, 1, 0),
        raised(1, 0, 1, wire.LEFT),
        end(),
    )

    assert trace.raised == (Raised(0, 1, 0, 1, "ValueError: no"), Raised(1, 0, 0, 1, "ValueError: no"))
    assert trace.slow == {(0, 1), (1, 0)}
    assert trace.left == Raised(1, 0, 1, 1, "ValueError: no")


@pytest.mark.parametrize(
    "frame",
    [
        binding(site=3),
        binding(value=NOTHING),
        raised(2, 0),
        raised(0, 2),
        raised(1, 1),
        raised(0, 0, 2),
        raised(0, 2, kind=wire.LEFT),
        place(wire.SLOW, 0, 2),
        place(wire.SLOW, 2, 0),
        place(wire.BEGUN, 1, 1),
        noted(cell=2),
        (wire.NOTED, 0, wire.pack_noted(wire.DEVICE + 1, 0, 1, "x")),
        ask(),  # of a run in which nothing is replaced
        (wire.READY, 0, b""),
        (wire.KEEP, 0, b""),
        (wire.BINDING, 0, b"short"),
        (wire.END, 0, b"short"),
    ],
)
def test_a_frame_that_cannot_be_ends_the_run(frame: Frame) -> None:
    with session([READY, binding(), frame, end()], [READY, binding(), end()]) as (made, children):
        trace = made._run(Order({}), None)

        assert (trace.ended, len(trace.events)) == ("protocol", 1)
        assert children[0].closed
        assert made._run(Order({}), None).ended == "finished"  # by another child


def test_the_last_site_cell_and_statement_are_of_the_submission() -> None:
    trace = trace_of(binding(site=2), raised(1, 0, 1), place(wire.SLOW, 0, 1), noted(cell=1), end())

    assert trace.ended == "finished"


def test_a_fault_of_the_child_is_ours() -> None:
    with session([READY, (wire.FAULT, 0, b"x" * 2000)]) as (made, children):
        with pytest.raises(InternalError, match=r"running it failed: x{1000}$"):
            made.run(Order({}))
        assert children[0].closed


@pytest.mark.parametrize("how", ["killed", "timeout", "output"])
def test_a_child_that_is_gone_leaves_what_it_sent_and_where_it_was(how: Any) -> None:
    begun = trace_of(binding(), place(wire.BEGUN, 0, 0), place(wire.BEGUN, 1, 0), ChildEnded(how))
    unknown = trace_of(binding(), ChildEnded(how))

    assert (begun.ended, len(begun.events)) == (how, 1)
    assert begun.left == Raised(1, 0, 1, 0, "TimeLimit" if how == "timeout" else how)
    assert (unknown.ended, unknown.left) == (how, None)


# what is replaced


def replaced(replacement: Value | None, **order: Any) -> tuple[Trace, list[Event], list[tuple[int, bytes]]]:
    """The trace of a run that asks once, what was asked, and what was answered."""
    asked: list[Event] = []

    def decide(event: Event) -> Value | None:
        asked.append(event)
        return replacement

    with session([READY, ask(1), end()]) as (made, children):
        trace = made.run(Order({}, **order), decide)
    return trace, asked, [one for one in children[0].sent if one[0] in (wire.KEEP, wire.REPLACE)]


def test_a_value_is_kept_or_replaced() -> None:
    vector = Value.of([1.0, 2.0], (2,), "float32")
    wired = Wired(wire.NUMBERS, "float64", (2,), vector.data)

    trace, asked, answers = replaced(None)
    assert ([one.site for one in asked], answers) == ([1], [(wire.KEEP, b"")])
    assert trace.events == ()
    assert replaced(vector)[2] == [(wire.REPLACE, wire.pack_value(wired))]


def test_where_all_is_observed_the_trace_has_what_went_on() -> None:
    assert replaced(None, observe=True)[0].events[0].value == Value.scalar(2.0)
    assert replaced(Value.scalar(5.0), observe=True)[0].events[0].value == Value.scalar(5.0)


def test_an_exception_may_be_handed_over() -> None:
    asked: list[Event] = []

    def decide(event: Event) -> Value | None:
        asked.append(event)
        return None

    with session([READY, ask(value=NOTHING), end()]) as (made, _):
        assert made.run(Order({}), decide).ended == "finished"
    assert asked[0].value == Opaque("exception", "")


# when children are started


def test_a_run_whose_child_is_gone_is_made_once_more_and_sends_at_once() -> None:
    with session([READY, KILLED], [READY, binding(), KILLED]) as (made, children):
        trace = made.run(Order({}))

    assert (trace.ended, len(trace.events)) == ("killed", 1)
    assert [one["prompt"] for child in children for one in child.orders()] == [False, True]


def test_where_it_was_left_at_an_exercises_own_cell_follows() -> None:
    last: Script = [READY, binding(), end()]
    left: Script = [READY, place(wire.BEGUN, 0, 1), ChildEnded("timeout")]
    with session([READY, KILLED], left, last, names=("mine.py#0", wire.ANSWER)) as (made, children):
        trace = made.run(Order({}))

    assert (trace.ended, trace.left) == ("finished", Raised(0, 1, 0, 0, "TimeLimit"))
    assert children[2].orders()[0]["stopped"] == [[0, 1]]


def test_without_an_exercises_own_cell_nothing_follows() -> None:
    left: Script = [READY, place(wire.BEGUN, 0, 1), ChildEnded("timeout")]
    with session([READY, KILLED], left, [READY, end()]) as (made, children):
        trace = made.run(Order({}))

        assert (trace.ended, trace.left) == ("timeout", Raised(0, 1, 0, 0, "TimeLimit"))
        assert children[2].orders() == []


def test_a_child_that_ended_after_its_last_run_is_replaced() -> None:
    with session([READY, end()], [READY, binding(), end()]) as (made, children):
        made.run(Order({}))
        children[0].deaf = True
        made.prepare(setup(*CELLS))

        assert len(made.run(Order({})).events) == 1
        assert children[0].closed


def test_a_child_that_ended_before_it_was_told_anything_did_not_start() -> None:
    child = Scripted([READY], "no memory", deaf=True)
    with pytest.raises(InternalError, match="did not start: no memory"):
        Session(setup(*CELLS), (), None, Scripts([child])).__enter__()


def test_a_run_that_replaces_values_is_not_made_again() -> None:
    with session([READY, KILLED], [READY, end()]) as (made, children):
        assert made.run(Order({}), lambda event: None).ended == "killed"
        assert children[1].orders() == []


def test_a_session_sends_what_stays_the_same_once_to_each_child() -> None:
    with session([READY, end(), end()], [READY, end()]) as (made, children):
        made.run(Order({}))
        made.run(Order({}))
        made.renew()
        made.run(Order({}))

    kinds = [[kind for kind, _ in child.sent] for child in children]
    assert kinds == [[wire.WARM, wire.SETUP, wire.RUN, wire.RUN], [wire.WARM, wire.SETUP, wire.RUN]]
    assert all(child.closed for child in children)


def test_output_is_that_of_the_first_run() -> None:
    with session([READY, end()], [READY, end()]) as (made, children):
        made.run(Order({}))
        children[0].printed = "more"
        made.renew()
        made.run(Order({}))
        assert made.output == "printed by 0"


def test_a_child_that_does_not_start_is_our_fault_and_its_last_words_are_told() -> None:
    with session([KILLED]) as (made, children):
        children[0].printed = "loading\nno torch\n"
        with pytest.raises(InternalError, match=r"did not start: no torch$"):
            made.run(Order({}))
    with session([KILLED]) as (made, children):
        children[0].printed = ""
        with pytest.raises(InternalError, match=r"did not start: no word$"):
            made.run(Order({}))
    with session([end()]) as (made, _), pytest.raises(InternalError, match="did not start in order"):
        made.run(Order({}))


@pytest.mark.parametrize("frame", [KILLED, end(), binding()])
def test_a_child_that_has_run_code_and_does_not_get_ready_again_is_replaced(frame: Frame | ChildEnded) -> None:
    with session([READY, end(), frame], [READY, binding(), end()]) as (made, _):
        made.run(Order({}))
        made.prepare(setup(*CELLS))

        assert len(made.run(Order({})).events) == 1


def test_a_session_that_was_not_entered_has_no_child() -> None:
    with pytest.raises(InternalError, match="before it was entered"):
        Session(None, (), None, Scripts([])).run(Order({}))


@pytest.mark.parametrize("isolation", ["portable", "process"])
def test_a_child_looks_for_the_students_modules_where_it_may_read(isolation: Isolation) -> None:
    scripts = Scripts([Scripted([READY])], isolation)
    with Session(setup(*CELLS), ("torch",), "/home/student", scripts) as made:
        assert made.isolation == isolation
    kind, body = scripts.children[0].sent[0]

    assert (kind, json.loads(body)["libraries"]) == (wire.WARM, ["torch"])
    assert ("/home/student" in json.loads(body)["path"]) is (isolation == "process")


def test_other_places_for_modules_come_before_the_students_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", ["", "/opt/wanted", "/opt/other", "/home/me/site"])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", "/opt/wanted"]))
    monkeypatch.setattr(site, "getusersitepackages", lambda: "/home/me/site")

    def path(user_site: bool | None) -> list[str]:
        monkeypatch.setattr(site, "ENABLE_USER_SITE", user_site)
        scripts = Scripts([Scripted([READY])], "process")
        with Session(setup(*CELLS), (), "/home/student", scripts):
            pass
        found: list[str] = json.loads(scripts.children[0].sent[0][1])["path"]
        return found

    assert path(True) == ["/opt/wanted", "/home/me/site", "/home/student"]
    assert path(False) == ["/opt/wanted", "/home/student"]


def test_files_of_the_exercise_and_beside_the_submission_are_provided() -> None:
    beside = (CompanionFile("data.csv", "/class/data.csv"),)
    with session([READY], files=("/exercises/words.txt",), beside=beside) as (_, children):
        assert children[0].provided == ["data.csv", "words.txt"]


# what is noted


def test_each_thing_that_is_not_there_is_noted_once() -> None:
    first = (noted(name="jax", line=3), noted(name="jax", line=9), noted(wire.DEVICE, 1, 2, "jax"))
    with session([READY, *first, end()]) as (made, _):
        made.run(Order({}))
        assert made.noted == (Noted("package", 0, 3, "jax"), Noted("device", 1, 2, "jax"))


def test_not_more_is_noted_than_anyone_reads() -> None:
    many = [noted(name=f"p{number}") for number in range(MAX_NOTES + 5)]
    with session([READY, *many, end()]) as (made, _):
        made.run(Order({}))
        assert [one.name for one in made.noted] == [f"p{number}" for number in range(MAX_NOTES)]


# what time it took


def test_the_seconds_of_all_runs_are_added() -> None:
    with session([READY, end(cpu=0.5), end(cpu=1.5)], limits=Limits(3.0, total=30.0)) as (made, children):
        made.run(Order({}))
        made.run(Order({}))

        assert made.spent == made.spent_without_setup == pytest.approx(2.0)
        assert made.has_time
        assert children[0].seconds == [3.0, 3.0]


@pytest.mark.parametrize(
    ("used", "left"), [(24.0, True), (25.0, False)]
)  # a quarter of 60 s is kept for trials, and more than 20 s have to be left
def test_there_is_time_while_more_than_a_third_is_left(used: float, left: bool) -> None:
    with session([READY, end(cpu=used)], limits=Limits(20.0, total=60.0)) as (made, _):
        made.run(Order({}))
        assert made.has_time is left


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(session_module, "time", CLOCK)
    return CLOCK


def test_time_spent_on_the_answers_to_the_child_is_the_graders(clock: Clock) -> None:
    def decide(event: Event) -> Value | None:
        clock.now += 5.0
        return None

    with session([READY, ask(), KILLED], limits=Limits(9.0)) as (made, children):
        children[0].waits = 0.5
        made.run(Order({}), decide)
        # The child took two frames of half a second, and did not say how much of that it computed.
        assert made.spent == pytest.approx(1.0)


def test_a_child_that_is_gone_cannot_have_computed_more_than_it_was_allowed(clock: Clock) -> None:
    with session([READY, KILLED], limits=Limits(2.0)) as (made, children):
        children[0].waits = 5.0
        made._run(Order({}), None)
        assert made.spent == pytest.approx(2.0)


def test_a_run_has_five_times_its_seconds_on_the_clock(clock: Clock) -> None:
    with session([READY, end()], limits=Limits(3.0)) as (made, children):
        made.run(Order({}))
        assert children[0].deadlines[1:] == [clock.now + 15.0]


@pytest.mark.parametrize(("waited", "left"), [(34.0, True), (35.0, False)])
def test_there_is_time_while_more_than_a_sixth_is_left_on_the_clock(clock: Clock, waited: float, left: bool) -> None:
    with session([READY, end(cpu=0.0)], limits=Limits(wall=60.0)) as (made, children):
        made._ready()
        children[0].waits = waited
        made.run(Order({}))
        assert made.has_time is left


def test_each_kind_of_perturbation_has_its_own_program() -> None:
    cells = ("def f(x):\n    return tanh(x)\n", "c = f(1) + f(2)\n")
    kinds = (
        SlopePerturbation((), 1, True, 5, (), shifts=(Shift(1, (1, 4, 1, 15), 0, False),)),
        SlopePerturbation(((0, 2, 15),), 1, True, 5, (), around=(2.0,)),
        SlopePerturbation(((0, 2, 15),), 1, True, 5, ()),
        SlopePerturbation(((0, 1, 0),), 1, True, 5, ()),
    )
    with session([READY, *[end()] * 8], cells=cells) as (made, children):
        for one in (*kinds, *kinds):
            made.run(Order({}, perturbation=one))
        programs = [one["program"] for one in children[0].orders()]

    assert None not in programs
    assert len({*programs[:4]}) == 4
    assert programs[:4] == programs[4:]


def test_a_run_that_no_time_is_left_for_is_not_made() -> None:
    with session([READY, end(cpu=23.0)], limits=Limits(30.0, total=30.0)) as (made, children):
        made.run(Order({}))
        before = made.used_up
        assert made.run(Order({})) == Trace((), (), "timeout")
        assert len(children[0].orders()) == 1
        assert before is None
        assert (made.used_up, made.untried) == ("30 s of computing", False)


def test_a_trial_that_no_time_is_left_for_leaves_a_step_untried() -> None:
    with session([READY, end(cpu=30.0)], limits=Limits(30.0, total=30.0)) as (made, _):
        made.run(Order({}))
        made.run(Order({}, noise=1e-9))
        assert (made.used_up, made.untried) == ("30 s of computing", True)


def test_a_run_that_is_cut_short_as_the_time_is_used_up_says_so() -> None:
    with session([READY, end(wire.TIMEOUT, cpu=23.0)], limits=Limits(30.0, total=30.0)) as (made, _):
        made.run(Order({}))
        assert (made.used_up, made.untried) == ("30 s of computing", False)


def test_a_statement_that_never_ends_is_known_to_later_runs_and_not_counted() -> None:
    stopped = (wire.LEFT, 0, wire.pack_raise(Raise(0, 1, 0, 2, wire.TIME_LIMIT)))
    with session([READY, end(cpu=0.5), stopped, end(wire.TIMEOUT, 4.0), end(cpu=1.0)]) as (made, children):
        made.run(Order({}))
        made.run(Order({}))
        made.run(Order({}))

        assert made.spent == pytest.approx(1.5)
        assert made.spent_without_setup == pytest.approx(1.5)
        assert [one["stopped"] for one in children[0].orders()] == [[], [], [[0, 1]]]


def test_where_the_first_run_ended_is_known_to_later_ones() -> None:
    left = (wire.LEFT, 0, wire.pack_raise(Raise(0, 1, 0, 2, "SystemExit")))
    with session([READY, left, end(), READY, end()]) as (made, children):
        made.run(Order({}))
        made.guard(frozenset(), {})  # the same text
        made.run(Order({}))

        assert [one["ends"] for one in children[0].orders()] == [None, [[0, 2]]]
        assert [one["stopped"] for one in children[0].orders()] == [[], []]


def test_what_was_seen_of_where_a_program_ends_holds_for_unchanged_statements() -> None:
    stopped = (wire.LEFT, 0, wire.pack_raise(Raise(0, 1, 0, 2, wire.TIME_LIMIT)))
    changed = ("a = 9\nb = 2\n", CELLS[1])
    with session([READY, stopped, end(wire.TIMEOUT), READY, end(), READY, end()]) as (made, children):
        made.run(Order({}))
        made.prepare(setup(*changed))
        made.run(Order({}))
        made.prepare(setup("a = 9\nb = 3\n", CELLS[1]))
        made.run(Order({}))

        assert [one["stopped"] for one in children[0].orders()] == [[], [[0, 1]], []]
        assert made.sources == ("a = 9\nb = 3\n", CELLS[1])


# what is left out

SLOW = frozenset({(0, 0)})


def test_slow_set_up_is_left_out_by_the_child_that_has_run_it() -> None:
    runs = [READY, end(cpu=4.0), end(cpu=0.5)]
    with session(runs, [READY, end(cpu=4.0), end(cpu=0.5)]) as (made, children):
        made.run(Order({}))
        made.leave_out(SLOW)
        assert made.left_out == SLOW
        made.run(Order({}))
        assert made.spent_without_setup == pytest.approx(0.5)
        made.renew()
        assert made.left_out == frozenset()
        made.run(Order({}))
        assert made.left_out == SLOW
        made.run(Order({}))
        assert made.spent == pytest.approx(9.0)
        assert made.spent_without_setup == pytest.approx(1.0)

    assert [one["left_out"] for one in children[0].orders()] == [[], [[0, 0]]]
    assert [one["left_out"] for one in children[1].orders()] == [[], [[0, 0]]]


def test_set_up_is_not_left_out_after_a_run_that_was_cut_short() -> None:
    with session([READY, end()], [READY, end(wire.TIMEOUT), end()]) as (made, _):
        made.run(Order({}))
        made.leave_out(SLOW)
        made.renew()
        made.run(Order({}))
        assert made.left_out == frozenset()


def test_set_up_may_be_left_out_for_good() -> None:
    with session([READY, end()], [READY, end(), READY, READY]) as (made, children):
        made.run(Order({}))
        made.leave_out(SLOW)
        made.leave_out_for_good()
        made.renew()
        made.run(Order({}))
        assert children[1].orders()[0]["left_out"] == [[0, 0]]
        made.prepare(setup("a = 5\nb = 2\n", CELLS[1]))
        assert made.left_out == SLOW
        made.prepare(setup("a = 5\nb = 2\nc = 1\n", CELLS[1]))  # another number of statements
        assert made.left_out == frozenset()


def test_nothing_is_left_out_where_no_child_has_run_anything() -> None:
    with session([READY], [READY, end()]) as (made, _):
        made.renew()
        made.leave_out(SLOW)
        made.run(Order({}))
        assert made.left_out == frozenset()
        assert made.spent_without_setup == made.spent


# what is guarded, and which program runs


def test_what_is_unknown_is_told_to_the_child() -> None:
    with session([READY, end(), READY, end()]) as (made, children):
        made.run(Order({}))
        made.guard(frozenset({(0, (1, 0, 1, 5))}), {0: ("a", None), 1: ("b", Value.scalar(3.0))})
        made.run(Order({}))

    first, second = (json.loads(body) for kind, body in children[0].sent if kind == wire.SETUP)
    three = ["float64", [], base64.b64encode(struct.pack("<d", 3.0)).decode()]
    assert first["unknown"] == []
    assert second["unknown"] == [[0, {"a": None}], [1, {"b": three}]]
    assert second["program"] != first["program"]


def test_a_changed_program_goes_on_after_the_same_statements() -> None:
    with session([READY, end(), READY, end()]) as (made, children):
        made.run(Order({}, noise=1e-9))
        made.guard(frozenset({(0, (1, 0, 1, 5))}), {0: ("a", None)})
        made.run(Order({}, noise=1e-9))
        before, after = (one["program"] for one in children[0].orders())

    assert after not in (before, None)


def test_where_nothing_is_asserted_an_unchecked_program_is_the_usual_one() -> None:
    with session([READY, end(), end()]) as (made, children):
        made.run(Order({}, unchecked=True))
        made.run(Order({}, noise=1e-9))
        unchecked, noisy = (one["program"] for one in children[0].orders())
        (usual,) = (json.loads(body)["program"] for kind, body in children[0].sent if kind == wire.SETUP)

    assert unchecked == usual
    assert noisy != usual


def test_only_runs_that_show_what_was_borrowed_run_another_program() -> None:
    cells = ("def f(x):\n    return x * 2\n", "assert f(1) == 2\n")
    perturbation = SlopePerturbation(((0, 1, 0),), 1, True, 5, (Value.scalar(2.0),), 0.5)
    frames = [READY, end(), end(), end(), end(), end(), end()]
    with session(frames, cells=cells) as (made, children):
        for order in (
            Order({}),
            Order({}, scales={"torch": 2.0}),
            Order({}, noise=1e-9),
            Order({}, unchecked=True),
            Order({}, perturbation=perturbation),
            Order({}, noise=1e-6, smooth=True),
        ):
            made.run(order)
        orders = children[0].orders()

    programs = [one["program"] for one in orders]
    assert programs[:2] == [None, None]
    assert None not in programs[2:]
    assert programs[2] == programs[5]
    assert len({*programs[2:5]}) == 3
    assert [one["perturbation"] is not None for one in orders] == [False, False, False, False, True, False]
    assert orders[4]["perturbation"]["known"] == [[[], [2.0]]]


# in which floats

MEET = (wire.RAISED, 0, wire.pack_raise(Raise(0, 0, 0, 1, "RuntimeError: expected Float but found Double")))


def floats_of(*frames: Frame, cells: Sequence[str] = CELLS) -> tuple[list[str], list[int]]:
    """The floats of all runs of two orders, and how many statements raised in each of the two."""
    with session([READY, *frames], cells=cells, libraries=("torch",)) as (made, children):
        traces = [made.run(Order({})), made.run(Order({}))]
        return [one["floats"] for one in children[0].orders()], [len(one.raised) for one in traces]


def test_where_two_floats_met_a_submission_runs_in_the_librarys_own() -> None:
    assert floats_of(MEET, end(), end(), end()) == (["double", "own", "own"], [0, 0])


def test_where_that_helps_nothing_it_stays_in_double() -> None:
    assert floats_of(MEET, end(), MEET, end(), end()) == (["double", "own", "double"], [1, 0])


def test_half_floats_are_tried_where_the_text_asks_for_them() -> None:
    cells = ("a = 1\nb = 2\n", "c = a.half()\n")

    assert floats_of(MEET, end(), MEET, end(), end(), end(), cells=cells) == (["double", "own", "half", "half"], [0, 0])


def test_an_error_of_another_kind_says_nothing_of_floats() -> None:
    other = (wire.RAISED, 0, wire.pack_raise(Raise(0, 0, 0, 1, "NameError: name 'q' is not defined")))

    assert floats_of(other, end(), end()) == (["double", "double"], [1, 0])
