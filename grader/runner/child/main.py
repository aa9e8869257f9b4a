"""The worker: reads what to run, runs it as often as it is told, and reports.

Only names of the standard library are loaded here, and whatever the student's own imports bring.
"""

from __future__ import annotations

import base64
import builtins
import contextlib
import importlib
import io
import json
import os
import sys
import time
from time import perf_counter
from types import CodeType, ModuleType, SimpleNamespace, TracebackType
from typing import IO, Any, NoReturn, Protocol, cast

from grader.runner import wire
from grader.runner.child import fault, keeper, limits, values
from grader.runner.child.code import Code, cells_of, sites_of
from grader.runner.child.libraries import Libraries
from grader.runner.child.noise import Noise
from grader.runner.child.once import Once
from grader.runner.child.recorder import Enough, Plan, Recorder, Vocabulary
from grader.runner.child.spoken import libraries_of
from grader.runner.site import NAME
from grader.runner.spelling import input_of, normal
from grader.runner.wire import NUMBERS, Raise, Wired

HELD_SECONDS, HELD_BYTES = 0.002, 32 * 1024
"""How long, and up to how many, bindings wait for others to leave with."""


class Grader(Protocol):
    """Whom a run reports to. Nothing is raised by the `timer` while something is on its way; a `prompt` run's bindings
    leave at once."""

    timer: limits.Timer
    prompt: bool

    def send(self, kind: int, body: bytes = b"", flags: int = 0) -> None: ...

    def ask(self, body: bytes) -> Wired | None:
        """Hands a value over; what to put in its place, or None to keep it."""
        ...


class Channel:
    """The two pipes to the grader, moved away from where a student's `print` could reach them."""

    def __init__(self, wall: bool = True) -> None:
        self._input, self._output = os.dup(0), os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        os.close(nothing)
        # Line by line, so that what was printed is not lost with a run that is ended.
        cast(io.TextIOWrapper, sys.stdout).reconfigure(line_buffering=True)
        self.timer = limits.Timer(wall)
        self.prompt = False
        self._held, self._since = bytearray(), 0.0

    @property
    def descriptors(self) -> tuple[int, int]:
        return self._input, self._output

    def send(self, kind: int, body: bytes = b"", flags: int = 0) -> None:
        """Bindings are held back for a moment and leave together, unless the run is to be `prompt`: each that left
        alone would wake the grader. Everything else takes along what was held."""
        with self.timer:
            if not self._held:
                self._since = perf_counter()
            self._held += wire.frame(kind, body, flags)
            waits = kind == wire.BINDING and not self.prompt and len(self._held) < HELD_BYTES
            if waits and perf_counter() - self._since < HELD_SECONDS:
                return
            try:
                data = memoryview(bytes(self._held))
                self._held.clear()
                while data:
                    data = data[os.write(self._output, data) :]
            except OSError:
                os._exit(0)  # the grader is gone

    def ask(self, body: bytes) -> Wired | None:
        with self.timer:
            self.send(wire.ASK, body)
            kind, answer = self.receive()
        return wire.unpack_value(answer) if kind == wire.REPLACE else None

    def receive(self) -> tuple[int, bytes]:
        with self.timer:
            read = wire.read_frame(lambda size: os.read(self._input, min(size, 65536)))
        if read is None or read[0] == wire.STOP:
            leave()
        return read[0], read[2]


def main() -> None:
    """In an interpreter of its own: the keeper stays behind, and ends what the worker leaves."""
    channel = Channel()
    keeper.fork_worker(channel.descriptors)
    serve(channel, Libraries(), standing())


def standing() -> fault.Ground:
    """What our code stands on. Thousands of objects are touched for it, each of which costs a forked child a copy of
    its page: a zygote does it once for all of them."""
    builtins.input = _no_input
    return fault.Ground()


def serve(channel: Channel, libraries: Libraries, ground: fault.Ground) -> NoReturn:
    """Does what the grader says, until it has nothing more to say."""
    _, body = channel.receive()
    if warm(json.loads(body), libraries):
        ground = standing()
    _, body = channel.receive()
    worker = _ready(channel, json.loads(body), libraries, ground)
    try:
        while True:
            kind, body = channel.receive()
            if kind == wire.SETUP:
                worker = _ready(channel, json.loads(body), libraries, ground)
            else:
                worker.run(json.loads(body))
    except BaseException as error:
        # Nothing is printed here: it would be taken for the student's own output.
        worker.blame(error)
        os._exit(1)


def _ready(channel: Channel, setup: dict[str, Any], libraries: Libraries, ground: fault.Ground) -> Worker:
    worker = Worker(channel, setup, libraries, ground)
    limits.limit_memory(setup["memory"])
    channel.send(wire.READY)
    return worker


def warm(asked: dict[str, Any], libraries: Libraries) -> bool:
    """Imports what the submission asks for, before it is known what to run and before any clock starts; whether there
    was anything to import."""
    sys.path[:] = [*sys.path, *(entry for entry in asked["path"] if entry not in sys.path)]
    new = [library for library in asked["libraries"] if library not in sys.modules]
    for library in new:
        with contextlib.suppress(BaseException):
            importlib.import_module(library)
    values.prefer(set(asked["libraries"]))
    libraries.imported()
    return bool(new)


def leave() -> NoReturn:
    # Leaving the interpreter in order takes torch half a second; there is nothing to put in order.
    _flush()
    os._exit(0)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(BaseException):
            cast(IO[str], stream).flush()


class Worker:
    def __init__(self, channel: Grader, setup: dict[str, Any], libraries: Libraries, ground: fault.Ground) -> None:
        self.channel, self.file = channel, setup["file"]
        self.libraries, self.ground = libraries, ground
        self.vocabulary = Vocabulary(
            setup["inputs"],
            frozenset(setup["quantities"]),
            frozenset(setup["tracked"]),
            tuple(frozenset(names) for names in setup["asked"]),
            frozenset(setup["families"]),
        )
        self.given = _values(setup["given"])
        self.ends_when_asked = setup["ends_when_asked"]
        self.home = os.getcwd()
        self.sites = sites_of(setup["sites"])
        self.cells = cells_of(setup["program"], self.sites)
        self.once = Once()
        self.unbound = self._unbound()
        self.bound_last = self._bound_last()
        sys.argv = [self.file]

    def _unbound(self) -> tuple[str, ...]:
        """Inputs the submission binds nowhere at its top level: it was written to be given them."""
        words = self.vocabulary
        bound = {
            input_of(name, words.inputs, words.quantities)
            for site in self.sites.values()
            for name in site.names
            if not site.scope and site.kind not in ("loop", "entry", "keyword")
        }
        return tuple(name for name in self.given if name not in bound)

    def _bound_last(self) -> dict[str, tuple[int, int]]:
        """For each name the cell and statement that bind it last, loops and functions aside."""
        return {
            normal(name): (site.cell, site.top)
            for site in self.sites.values()
            for name in site.names
            if not site.scope and not site.in_loop and site.kind != "loop"
        }

    def run(self, order: dict[str, Any]) -> None:
        """One run: fresh names, the point's inputs, every binding reported."""
        decisions = order["decisions"]
        plan = Plan(
            _values(order["point"]),
            self.given,
            None if decisions is None else {(site, occurrence): name for site, occurrence, name in decisions},
            frozenset(map(tuple, order["stops"])),
            frozenset(map(tuple, order["whole"])),
            None if order["until"] is None else tuple(order["until"]),
            self.ends_when_asked,
            order["observe"],
        )
        self.channel.prompt = order["prompt"]
        self._come_home()
        values.speak(set())
        self.libraries.start(order["scales"])
        recorder = Recorder(self.sites, self.vocabulary, self.libraries, plan, self.channel.send, self.channel.ask)
        cells, noise = self.cells, None
        if order["noise"]:
            cells, noise = cells_of(order["program"], self.sites), Noise(order["noise"], order["smooth"])
        module = ModuleType("__main__")
        names = module.__dict__
        watched = fault.watched(recorder, noise, self.blame)
        names.update({"__builtins__": builtins, "__file__": self.file, NAME: watched})
        for name in self.unbound:
            recorder.give(names, name, name)
        sys.modules["__main__"] = module
        left_out = frozenset(map(tuple, order["left_out"]))
        if not left_out:
            self.once = Once()
        try:
            ended = self._execute(cells, recorder, watched, plan, names, order["seconds"], left_out)
        except limits.TimeLimit:  # raised once more while the first was being dealt with
            self.channel.timer.stop()
            ended = wire.TIMEOUT
        recorder.flush()
        if not left_out:
            self.once.worn.update(recorder.worn)
        _flush()
        self.channel.send(wire.END, bytes([ended]), wire.used_flags(self.libraries.differentiators.used))

    def blame(self, error: BaseException) -> None:
        """Tells the grader of a fault of ours, and ends; returns where it is the submission's."""
        if fault.is_ours(error, self.ground, frozenset(cell.name for cell in self.cells)):
            self.channel.send(wire.FAULT, fault.told(error).encode("utf-8", "backslashreplace"))
            os._exit(1)

    def _come_home(self) -> None:
        """What an earlier run may have led elsewhere: the working directory, where `print` prints."""
        with contextlib.suppress(OSError):
            os.chdir(self.home)
        sys.stdin, sys.stdout, sys.stderr = sys.__stdin__, sys.__stdout__, sys.__stderr__

    def _execute(
        self,
        cells: tuple[Code, ...],
        recorder: Recorder,
        watched: SimpleNamespace,
        plan: Plan,
        names: dict[str, Any],
        seconds: float,
        left_out: frozenset[tuple[int, int]],
    ) -> int:
        timer = self.channel.timer
        try:
            timer.start(seconds)
            for number, cell in enumerate(cells):
                if cell.name == wire.ANSWER:
                    # A function is called with the point's inputs, whatever else the submission tried it on.
                    recorder.answer_begins()
                    values.speak(libraries_of([code for code in cell.statements if isinstance(code, CodeType)], names))
                    for name in plan.point:
                        recorder.give(names, name, name)
                for top, code in enumerate(cell.statements):
                    if (number, top) in left_out and self._leave_out(recorder, plan, names, number, top):
                        continue
                    began, raised = time.perf_counter(), None
                    try:
                        if isinstance(code, Exception):
                            raise code
                        exec(code, names)
                        if cell.sites[top] and cell.sites[top][-1].kind == "swept":
                            watched.sweep(cell.sites[top][-1], names)
                        watched.ended(cell.sites[top], names)
                    except (Enough, limits.TimeLimit):
                        raise
                    except SystemExit:
                        return wire.FINISHED
                    except BaseException as error:
                        raised = self._raised(recorder, names, number, top, error)
                    if not left_out and self.once.ended(number, top, time.perf_counter() - began, raised):
                        self.channel.send(wire.SLOW, wire.pack_place(number, top))
                    if recorder.finished():
                        return wire.ENOUGH
                if recorder.asked_all():
                    return wire.ENOUGH
            return wire.FINISHED
        except Enough:
            return wire.ENOUGH
        except limits.TimeLimit:
            return wire.TIMEOUT
        finally:
            timer.stop()

    def _leave_out(self, recorder: Recorder, plan: Plan, names: dict[str, Any], cell: int, top: int) -> bool:
        """Does for a statement what later ones may see of it: binds the inputs it bound, goes on with the random
        numbers, reports what it raised. False where that cannot be done, and it has to be run."""
        inputs = [site for site in self.cells[cell].sites[top] if (site.number, 0) in (plan.decisions or {})]
        if any(site.owner or self.once.worn_like(site.number) is None for site in inputs):
            return False
        for site in inputs:
            value = recorder.bound(site.number, self.once.worn_like(site.number))
            names.update((label, value) for label in site.names)
        if (raised := self.once.raised(cell, top)) is not None:
            self.channel.send(wire.RAISED, raised)
            self._make_up(recorder, names, cell, top)
        self.once.go_on(cell, top)
        return True

    def _raised(self, recorder: Recorder, names: dict[str, Any], cell: int, top: int, error: BaseException) -> bytes:
        """Reports the statement, and makes up for it."""
        cell_at, line = self._innermost(error.__traceback__, cell)
        text = _described(error)
        error.__traceback__ = None
        report = wire.pack_raise(Raise(cell, top, cell_at, line, text))
        self.channel.send(wire.RAISED, report)
        self._make_up(recorder, names, cell, top)
        return report

    def _make_up(self, recorder: Recorder, names: dict[str, Any], cell: int, top: int) -> None:
        """Binds what a statement that raised should have bound: inputs at once, quantities once they are lost."""
        for site in self.cells[cell].sites[top]:
            if site.scope or site.kind in ("loop", "parameter"):
                continue
            binds = site.kind in ("assign", "unpack")
            lost = []
            for label in site.names:
                if self.bound_last.get(normal(label), (0, 0)) <= (cell, top):
                    recorder.given_up(label)
                name = recorder.input_of(label)
                if binds and name is not None and label not in names:
                    recorder.give(names, name, label)
                else:
                    lost.append(label)
            if lost and (new := recorder.ask_for(site.number)) is not None:
                names.update((label, values.fit(None, new)) for label in lost)

    def _innermost(self, trace: TracebackType | None, cell: int) -> tuple[int, int]:
        """Cell and line of the student's innermost frame."""
        by_name = {code.name: number for number, code in enumerate(self.cells)}
        found = (cell, 0)
        while trace is not None:
            name = trace.tb_frame.f_code.co_filename
            if name in by_name:
                found = (by_name[name], trace.tb_lineno)
            trace = trace.tb_next
        return found


def _no_input(prompt: object = "") -> str:
    raise EOFError("input() was called, and there is nobody here to answer")


def _described(error: BaseException) -> str:
    try:
        text = str(error)
    except BaseException:
        text = ""
    name = type(error).__name__
    return f"{name}: {text}"[:1900] if text else name


def _values(packed: dict[str, Any]) -> dict[str, Wired]:
    return {
        name: Wired(NUMBERS, dtype, tuple(shape), base64.b64decode(data))
        for name, (dtype, shape, data) in packed.items()
    }
