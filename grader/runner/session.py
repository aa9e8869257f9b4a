"""All runs of one submission: one setup, any number of runs, and a new child where a run ended the old one."""

from __future__ import annotations

import json
import os
import site as python_site
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from grader.errors import InternalError
from grader.instrument.name_matching import parted
from grader.instrument.site import Position
from grader.model import CompanionFile, Isolation, Observed, Opaque, Value
from grader.runner import child_messages, wire
from grader.runner.budget import Allowance, Budget, Kind
from grader.runner.bytecode import (
    Program,
    instrumented,
    program,
)
from grader.runner.floats import Floats, asks_for_half, goes_further, may_meet
from grader.runner.process import Processes
from grader.runner.program_ends import Endings, unchanged
from grader.runner.protocols import START_SECONDS, Child, ChildEnded, Children
from grader.runner.types import Ended, Event, Limits, Noted, Order, Raised, Role, Setup, Trace, Unknown
from grader.runner.wire import Wired

MAX_REPORT_BYTES = 1000
"""Maximum number of bytes kept of a child's report of an internal error."""

Decide = Callable[[Event], Value | None]
"""For a binding at which the child stopped: the value to replace it by, or None to keep it."""

_OPAQUE = {
    wire.PLACEHOLDER: "placeholder",
    wire.TEXT: "text",
    wire.OBJECT: "object",
    wire.TOO_LARGE: "too_large",
    wire.EXCEPTION: "exception",
}
_ENDED: dict[int, Ended] = {wire.FINISHED: "finished", wire.ENOUGH: "enough", wire.TIMEOUT: "timeout"}
_NOTED: tuple[Literal["package", "device"], ...] = ("package", "device")
MAX_NOTES = 64
"""Maximum number of notes per submission; further ones are ignored."""

_SPENT = Trace((), (), "timeout")
"""The trace of a run that is not made because no time is left."""


class Session:
    """Use as a context manager: leaving it ends every process of the submission."""

    def __init__(
        self,
        setup: Setup | None = None,
        libraries: tuple[str, ...] = (),
        directory: str | None = None,
        children: Children | None = None,
    ) -> None:
        """Without a `setup` the child only starts and imports `libraries`; `prepare` gives the setup later.

        `directory` is the student's own folder, searched last for imports of the submission, where the isolation makes
        it readable. `children` is where children come from: `ForkServers`, or by default `Processes`."""
        # An interpreter that is kept for further children serves one submission only.
        self._own: Processes | None = None
        if children is None or isinstance(children, Processes):
            children = self._own = Processes()
        self._children: Children = children
        self._setup = setup
        self._libraries = libraries
        self._directory = directory
        self._output = ""
        self._noted: dict[tuple[str, str], Noted] = {}
        self._endings = Endings(False)

        # The child, and what it was sent.
        self._child: Child | None = None
        self._awaits_ready = False
        self._has_run = False
        self._setup_message = b""
        self._program: Program | None = None
        self._programs: dict[object, bytes] = {}

        # How many sites the setup has, and how many statements each of its cells.
        self._sites = 0
        self._statements: list[int] = []

        # Set-up: what this child's runs skip; what they may skip once it has run; the statements of each cell when that
        # was decided; whether children and changed versions that have not run it skip it too.
        self._left_out: frozenset[tuple[int, int]] = frozenset()
        self._dispensable: frozenset[tuple[int, int]] = frozenset()
        self._counts_when_left_out: list[int] = []
        self._skips_in_every_child = False

        # Time: of all runs; of those that ran such set-up; of those in which a statement was found never to end.
        self._total = Budget(Limits())
        self._spent_on_setup = 0.0
        self._spent_on_endless = 0.0
        self._used_up: str | None = None
        self._untried = False

        self._floats: Floats | None = None

    def __enter__(self) -> Session:
        # Started at once, so that the child imports its libraries while the grader prepares.
        self._child = self._start()
        if self._setup is not None:
            self.prepare(self._setup)
        return self

    def prepare(self, setup: Setup) -> None:
        """Send the child everything that stays the same in all runs."""
        if not self._setup_message:
            self._total = Budget(setup.limits)
        if not self._setup_message or self.sources != setup.sources:
            stopped = unchanged(self._endings.stopped, self.sources, setup.sources)
            self._endings = Endings(wire.ANSWER in setup.names, stopped)
        if setup is not self._setup or not self._setup_message:
            cells = setup.instrumented or instrumented(setup.sources)
            self._sites = sum(len(cell.sites) for cell in cells)
            self._statements = [len(cell.statements) for cell in cells]
            self._program = program(setup.sources, setup.names, cells)
            self._setup_message = child_messages.setup(setup, cells, self._program)
            self._programs.clear()
        skips = self._skips_in_every_child and self._statements == self._counts_when_left_out
        self._setup, self._left_out = setup, self._dispensable if skips else frozenset()
        child = self._child if self._child is not None else self._start()
        self._child = child
        own = tuple(CompanionFile(os.path.basename(file), file) for file in setup.files)
        child.provide((*setup.beside, *own), setup.limits)
        try:
            child.send(wire.SETUP, self._setup_message)
        except ChildEnded:
            if not self._has_run:
                raise self._not_started(child) from None
            self._drop()  # the child ended after it had reported the end of its last run
            self.prepare(setup)
        self._awaits_ready = True

    def __exit__(self, *_: object) -> None:
        self._drop()
        if self._own is not None:
            self._own.close()

    @property
    def isolation(self) -> Isolation:
        """The mode in which the submission actually runs."""
        return self._children.isolation

    @property
    def sources(self) -> tuple[str, ...]:
        """The cells that are run, including the exercise's own."""
        return () if self._setup is None else self._setup.sources

    @property
    def left_out(self) -> frozenset[tuple[int, int]]:
        """The statements (cell, top-level statement) that runs leave out."""
        return self._left_out

    def guard(self, statements: frozenset[tuple[int, Position]], unknown: Unknown) -> None:
        """From now on runs may go on where one of the statements at these places (cell, position) raises: with a value
        that the grader supplies, or else with the one in `unknown`."""
        if self._setup is None:
            return
        cells = instrumented(self._setup.sources, statements)
        self.prepare(replace(self._setup, instrumented=cells, unknown=unknown))
        self._program = None if self._program is None else replace(self._program, guarded=statements)

    def leave_out(self, statements: frozenset[tuple[int, int]]) -> None:
        """From now on runs skip these statements, which have run once. A restarted child has not run them, so its first
        run does."""
        self._left_out = self._dispensable = statements if self._child is not None else frozenset()
        self._counts_when_left_out = self._statements
        self._spent_on_setup = self._total.spent if self._left_out else 0.0

    def leave_out_for_good(self) -> None:
        """From now on runs skip what could be left out before, in every child, and in changed versions of the
        submission that have as many statements: for runs that only explain what is known."""
        self._skips_in_every_child = True

    def renew(self) -> None:
        """Make the following runs in a new child, which has seen no right value yet."""
        self._drop()

    @property
    def output(self) -> str:
        """What the submission printed in its first run."""
        return self._output

    @property
    def noted(self) -> tuple[Noted, ...]:
        """What the submission asked for and is not available, in the order it was asked for."""
        return tuple(self._noted.values())

    @property
    def used_up(self) -> str | None:
        """The total for all runs, in words, that was used up when a run was skipped or cut short; None if none was."""
        return self._used_up

    @property
    def spent(self) -> float:
        """Seconds the runs so far have taken, as the budget counts them: about the same however busy the machine is.
        Excludes imports, and the runs in which a statement was found never to end, since such a statement is not run
        to its limit again."""
        return self._total.spent - self._spent_on_endless

    @property
    def spent_without_setup(self) -> float:
        """The same without the runs that ran set-up which can be left out."""
        return self._total.spent - max(self._spent_on_endless, self._spent_on_setup)

    @property
    def has_time(self) -> bool:
        """Whether more than a third of the CPU time that all runs may take is left, and some of the wall time."""
        left, limits = self._total.remaining("ordinary"), (Limits() if self._setup is None else self._setup.limits)
        return 3 * left.cpu > limits.total and 6 * left.wall > limits.wall

    @property
    def untried(self) -> bool:
        """Whether a run that was skipped or cut short was one that shows what was taken from a differentiator."""
        return self._untried

    def run(self, order: Order, decide: Decide | None = None) -> Trace:
        """Make one run. Its trace says what ended it early; only an end by the grader or the machine raises
        `Interrupted`."""
        trace = self._run(order, decide)
        if decide is None and self._child is None and not order.prompt:
            # The child is gone, and with it the bindings it had not sent. A prompt run sends every binding at once.
            trace = self._run(replace(order, prompt=True), None)
            if trace.left is not None and self._endings.lead_to_the_answer:
                return replace(self._run(order, None), left=trace.left)
        if decide is None and self._floats is None and may_meet(trace, self._libraries):
            return self._in_own_floats(order, trace)
        return trace

    def _in_own_floats(self, order: Order, double: Trace) -> Trace:
        """Repeat the run in the libraries' own floats, if it raised only because of float64; all later runs then use
        them."""
        others: tuple[Floats, ...] = ("own", "half") if asks_for_half(self.sources) else ("own",)
        for self._floats in others:
            self._endings = Endings(self._endings.lead_to_the_answer)
            own = self._run(order, None)
            if goes_further(own, double):
                return own
        self._floats = "double"
        self._endings = Endings(self._endings.lead_to_the_answer)
        self._endings.learn(double)
        return double

    def _run(self, order: Order, decide: Decide | None) -> Trace:
        kind: Kind = "perturbed" if order.is_perturbed else "ordinary"
        spent, before, stopped = self._total.used_up(kind), self._total.spent, self._endings.stopped
        left_out = self._left_out
        trace = _SPENT if spent else self._made(order, decide, self._total.allowance(kind))
        spent = spent or self._total.used_up(kind)
        if spent and trace.ended not in ("finished", "enough"):
            self._used_up, self._untried = spent, self._untried or order.is_perturbed
        if trace is not _SPENT:
            self._endings.learn(trace)
        if self._dispensable and not left_out:
            self._spent_on_setup += self._total.spent - before
            if (
                trace.ended in ("finished", "enough")
                and self._child is not None
                and self._statements == self._counts_when_left_out
            ):
                self._left_out = self._dispensable
        if self._endings.stopped != stopped:
            self._spent_on_endless += self._total.spent - before
        return trace

    def _made(self, order: Order, decide: Decide | None, allowed: Allowance) -> Trace:
        child, so_far = self._ready(), _TraceSoFar()
        began, ours = time.monotonic(), 0.0
        deadline = began + allowed.wall
        try:
            self._has_run = True
            child.begin(allowed.cpu)
            child.send(wire.RUN, self._order(order, allowed), deadline)
            while so_far.ended is None:
                kind, flags, body = child.receive(deadline)
                if kind == wire.BINDING:  # the most frequent frame
                    so_far.events.append(_bound(self._event(body, flags)))
                elif kind == wire.ASK and decide is not None:
                    asked = time.monotonic()
                    replacement = self._decided(so_far, self._event(body, flags), decide, order.observe)
                    ours += time.monotonic() - asked
                    self._answer(child, replacement, deadline)
                else:
                    self._take(so_far, kind, flags, body)
        except ChildEnded as end:
            so_far.gone(end.how)
            self._drop()
        except wire.WireError:
            so_far.gone("protocol")
            self._drop()
        waited = time.monotonic() - began - ours
        self._total.spend(min(allowed.cpu, waited) if so_far.cpu is None else so_far.cpu, waited)
        if not self._output and self._child is not None:
            self._child.settle()
            self._output = self._child.output
        return so_far.trace()

    @staticmethod
    def _decided(so_far: _TraceSoFar, event: Event, decide: Decide, observe: bool) -> Value | None:
        replacement = decide(event)
        if observe:
            so_far.events.append(event if replacement is None else replace(event, value=replacement))
        return replacement

    def _take(self, so_far: _TraceSoFar, kind: int, flags: int, body: bytes) -> None:
        """Record a frame of the child that needs no answer. Raises `WireError`."""
        if kind == wire.RAISED:
            so_far.raised.append(self._raised(body))
        elif kind == wire.SLOW:
            so_far.slow.add(self._statement(*wire.unpack_place(body)))
        elif kind == wire.LEFT:
            so_far.left = self._raised(body)
        elif kind == wire.BEGUN:
            so_far.at = self._statement(*wire.unpack_place(body))
        elif kind == wire.NOTED:
            self._note(*wire.unpack_noted(body))
        elif kind == wire.FAULT:
            self._drop()
            raise InternalError(f"running it failed: {body[:MAX_REPORT_BYTES].decode('utf-8', 'replace')}")
        elif kind == wire.END:
            how, so_far.cpu = wire.unpack_end(body)
            so_far.ended, so_far.used = _ENDED[how], wire.used_libraries(flags)
        else:
            raise wire.WireError("a frame out of turn")

    def _note(self, what: int, cell: int, line: int, name: str) -> None:
        if cell >= len(self._statements):
            raise wire.WireError("noted in no cell")
        noted = Noted(_NOTED[what], cell, line, name)
        if len(self._noted) < MAX_NOTES:
            self._noted.setdefault((noted.kind, name), noted)

    def _order(self, order: Order, allowed: Allowance) -> bytes:
        floats = self._floats or "double"
        return child_messages.order(order, allowed, self._left_out, self._endings, self._changed_program(order), floats)

    def _changed_program(self, order: Order) -> bytes | None:
        """The program for a run that shows what was borrowed, in place of the usual one; None for all other runs."""
        perturbation, usual = order.perturbation, self._program
        if usual is None or (perturbation is None and not order.unchecked and not order.noise):
            return None
        told = None if perturbation is None else (perturbation.shifts, perturbation.places, perturbation.around is None)
        if (order.unchecked, told) not in self._programs:
            self._programs[order.unchecked, told] = _changed(usual, order)
        return self._programs[order.unchecked, told]

    def _statement(self, cell: int, statement: int) -> tuple[int, int]:
        if cell >= len(self._statements) or statement >= self._statements[cell]:
            raise wire.WireError("no statement of the submission")
        return cell, statement

    def _event(self, body: bytes, flags: int) -> Event:
        event = _event(body, flags)
        if event.site >= self._sites:
            raise wire.WireError("a binding of no site")
        return event

    def _raised(self, body: bytes) -> Raised:
        raised = Raised(*wire.unpack_raise(body))
        self._statement(raised.cell, raised.statement)
        if raised.at_cell >= len(self._statements):
            raise wire.WireError("an error in no cell")
        return raised

    def _answer(self, child: Child, replacement: Value | None, deadline: float) -> None:
        if replacement is None:
            child.send(wire.KEEP, b"", deadline)
        else:
            wired = Wired(wire.NUMBERS, "float64", replacement.shape, replacement.data)
            child.send(wire.REPLACE, wire.pack_value(wired), deadline)

    def _start(self) -> Child:
        child = self._children.child(self._libraries)
        # An isolated child cannot read there, and must not: other people's work may be beside it.
        path = _search_path(self._directory) if self.isolation == "process" else []
        warm = {"libraries": self._libraries, "path": path}
        try:
            child.send(wire.WARM, json.dumps(warm).encode())
        except ChildEnded:
            raise self._not_started(child) from None
        self._has_run = False
        return child

    def _ready(self) -> Child:
        if self._child is None and self._setup is not None:
            self.prepare(self._setup)
        child = self._child
        if child is None:
            raise InternalError("a session was run before it was entered")
        if self._awaits_ready:
            try:
                kind, _, _ = child.receive(time.monotonic() + START_SECONDS)
            except ChildEnded:
                if not self._has_run:
                    raise self._not_started(child) from None
                kind = wire.STOP
            if kind != wire.READY and self._has_run:
                self._drop()  # student code that has already run may send frames out of turn
                return self._ready()
            if kind != wire.READY:
                raise InternalError("the process that runs submissions did not start in order")
            self._awaits_ready = False
        return child

    def _not_started(self, child: Child) -> InternalError:
        child.close()
        said = child.output.strip().splitlines()
        return InternalError(f"the process that runs submissions did not start: {said[-1] if said else 'no word'}")

    def _drop(self) -> None:
        if self._child is not None:
            self._child.close()
            self._output = self._output or self._child.output
            self._child, self._left_out = None, frozenset()


class _TraceSoFar:
    """What a run has shown so far."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.raised: list[Raised] = []
        self.slow: set[tuple[int, int]] = set()
        self.ended: Ended | None = None
        self.used: frozenset[str] = frozenset()
        self.left: Raised | None = None
        self.at: tuple[int, int] | None = None
        self.cpu: float | None = None

    def gone(self, how: Ended) -> None:
        """The child ended, or was ended, before it reported an end: in the statement it had begun, where that is
        known."""
        self.ended = how
        if self.at is not None:
            cell, statement = self.at
            self.left = Raised(cell, statement, cell, 0, wire.TIME_LIMIT if how == "timeout" else how)

    def trace(self) -> Trace:
        events = tuple(sorted(self.events, key=lambda event: event.sequence))
        ended = self.ended or "killed"
        return Trace(events, tuple(self.raised), ended, self.used, frozenset(self.slow), self.left)


def _search_path(directory: str | None) -> list[str]:
    """Where the student's imports are searched beyond the standard places. Their own folder comes last, so that a file
    of theirs called numpy.py is not imported in place of numpy."""
    wanted = set(os.environ.get("PYTHONPATH", "").split(os.pathsep))
    if python_site.ENABLE_USER_SITE:
        wanted.add(python_site.getusersitepackages())
    found = [entry for entry in sys.path if entry and entry in wanted]
    return [*found, directory] if directory else found


def _changed(usual: Program, order: Order) -> bytes:
    """The changed version of a program that an order is for."""
    perturbation = order.perturbation
    if perturbation is not None and perturbation.shifts:
        return usual.sloped(perturbation.shifts)
    if perturbation is not None and perturbation.around is not None:
        return usual.nonlinear(perturbation.places)
    if order.unchecked:
        return usual.unchecked(() if perturbation is None else perturbation.places)
    return usual.noisy() if perturbation is None else usual.perturbed(perturbation.places)


def _event(body: bytes, flags: int) -> Event:
    sequence, site, occurrence, key, label, value = wire.unpack_binding(body)
    role: Role = "input" if flags & wire.INPUT else "update" if flags & wire.UPDATE else "own"
    owner, name = parted(label)
    return Event(sequence, site, occurrence, key, name, _observed(value), role, owner)


def _bound(event: Event) -> Event:
    """Raises `WireError` where the event says that nothing was bound: only an ASK frame may say that."""
    if isinstance(event.value, Opaque) and event.value.kind == "exception":
        raise wire.WireError("a binding of nothing")
    return event


def _observed(wired: Wired) -> Observed:
    if wired.form == wire.NUMBERS:
        return Value(wired.shape, wired.data, wired.dtype)
    return Opaque(_OPAQUE[wired.form], wired.data.decode("utf-8", "replace"))  # type: ignore[arg-type]  # the table's values are the literals
