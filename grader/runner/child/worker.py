"""Runs a submission as often as it is told, and reports what it binds."""

from __future__ import annotations

import base64
import builtins
import contextlib
import os
import sys
import time
from types import CodeType, ModuleType, SimpleNamespace, TracebackType
from typing import Any

from grader.runner import wire
from grader.runner.child import fault, limits, values
from grader.runner.child.channel import Grader, flush
from grader.runner.child.code import Code, cells_of, sites_of
from grader.runner.child.libraries import Libraries
from grader.runner.child.noise import Noise
from grader.runner.child.once import Once
from grader.runner.child.plan import Plan, Vocabulary
from grader.runner.child.recorder import Enough, Recorder
from grader.runner.child.spoken import libraries_of
from grader.runner.site import NAME
from grader.runner.spelling import normal
from grader.runner.wire import NUMBERS, Raise, Wired


class Worker:
    def __init__(self, channel: Grader, setup: dict[str, Any], libraries: Libraries, ground: fault.Ground) -> None:
        self.channel, self.file = channel, setup["file"]
        self.libraries, self.ground, self.halves = libraries, ground, setup["halves"]
        self.vocabulary = Vocabulary(
            setup["inputs"],
            frozenset(setup["quantities"]),
            frozenset(setup["tracked"]),
            tuple(frozenset(names) for names in setup["asked"]),
            frozenset(setup["families"]),
            setup["filled"],
            setup["rebound"],
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
            words.input_of(name)
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
            {(cell, top): _values(names) for cell, top, names in order["supplied"]},
        )
        self.channel.prompt = order["prompt"]
        self._come_home()
        values.speak(set())
        self.libraries.start(order["scales"], order["floats"], self.halves)
        recorder = Recorder(self.sites, self.vocabulary, self.libraries, plan, self.channel.send, self.channel.ask)
        cells, noise = self.cells, None
        if order["noise"]:
            cells, noise = (
                cells_of(order["program"], self.sites),
                Noise(order["noise"], order["disturbed"], order["smooth"]),
            )
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
        flush()
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
                    for label, value in plan.supplied.get((number, top), {}).items():
                        names.setdefault(label, values.fit(None, value))
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
                    if recorder.finished() or plan.until == (number, top):
                        return wire.ENOUGH
                if recorder.asked_all(number):
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
                name = self.vocabulary.input_of(label)
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
