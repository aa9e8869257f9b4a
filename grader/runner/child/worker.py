"""The worker: makes the runs of a submission that the grader orders, and reports its bindings."""

from __future__ import annotations

import base64
import builtins
import contextlib
import functools
import os
import sys
import time
from collections.abc import Iterator, Sequence
from types import CodeType, FrameType, ModuleType, SimpleNamespace, TracebackType
from typing import Any

from grader.instrument.name_matching import normal
from grader.instrument.site import NAME
from grader.runner import wire
from grader.runner.child import devices, fault, limits, values
from grader.runner.child.channel import Grader, flush, leave
from grader.runner.child.code import Code, cells_of, sites_of
from grader.runner.child.executed_text import library_folders, noisy, perturbed_text, with_other_slopes
from grader.runner.child.libraries import Libraries, libraries_of
from grader.runner.child.noise import Noise
from grader.runner.child.nonlinear import Nonlinear
from grader.runner.child.package_stubs import Finder
from grader.runner.child.perturbed_slopes import PerturbedSlope
from grader.runner.child.plan import Ends, LastCells, Plan, Vocabulary
from grader.runner.child.processes import Starts
from grader.runner.child.recorder import Enough, Recorder
from grader.runner.child.setup_cache import SetupCache
from grader.runner.child.sloped import Sloped
from grader.runner.wire import NUMBERS, PLACEHOLDER, Raise, Wired

_BLANK = Wired(PLACEHOLDER, "", (), b"")

STOPPED_TIME_FRACTION = 0.1
"""Fraction of a run's time given to a statement that used up all of it in another run."""


class _Run:
    """The state of one run: its order, and how far it is. `has_left` is set once the program has ended."""

    def __init__(
        self,
        recorder: Recorder,
        watched: SimpleNamespace,
        plan: Plan,
        names: dict[str, Any],
        ends: Ends,
        order: dict[str, Any],
    ) -> None:
        self.recorder, self.watched, self.plan, self.names, self.ends = recorder, watched, plan, names, ends
        self.left_out = frozenset(map(tuple, order["left_out"]))
        self.seconds: tuple[float, float] = (order["seconds"], order["wall"])
        self.prompt: bool = order["prompt"]
        self.top = 0
        self.has_left = False


class Worker:
    def __init__(
        self,
        channel: Grader,
        setup: dict[str, Any],
        libraries: Libraries,
        snapshot: fault.IntegritySnapshot,
        starts: Starts,
    ) -> None:
        self.channel, self.file, self.starts = channel, setup["file"], starts
        self.libraries, self.snapshot, self.halves = libraries, snapshot, setup["halves"]
        self.vocabulary = Vocabulary(
            setup["inputs"],
            frozenset(setup["quantities"]),
            frozenset(setup["tracked"]),
            tuple(frozenset(names) for names in setup["asked"]),
            frozenset(setup["families"]),
            LastCells(setup["filled"], setup["rebound"]),
        )
        self.given = _values(setup["given"])
        self.unknown = {site: next(iter(_values(value).items())) for site, value in setup["unknown"]}
        self.ends_when_asked = setup["ends_when_asked"]
        self.home = os.getcwd()
        library_folders.note()
        self.beside: bool = setup["beside"]
        if self.beside and self.home not in sys.path:
            sys.path.append(self.home)
        self.sites = sites_of(setup["sites"])
        self.cells = cells_of(setup["program"], self.sites)
        self.once = SetupCache()
        self.by_name = {code.name: number for number, code in enumerate(self.cells)}
        self.noted: set[tuple[int, str]] = set()
        self.accelerators = setup["accelerators"]
        self._stand_in(setup["packages"])
        self.unbound = self._unbound()
        self.bound_last = self._bound_last()
        sys.argv = [self.file]

    def _unbound(self) -> tuple[str, ...]:
        """Inputs that the submission binds nowhere at its top level: it expects to be given them."""
        words = self.vocabulary
        bound = {
            words.input_of(name)
            for site in self.sites.values()
            for name in site.names
            if not site.scope and site.kind not in ("loop", "entry", "keyword")
        }
        return tuple(name for name in self.given if name not in bound)

    def _bound_last(self) -> dict[str, tuple[int, int]]:
        """For each name the cell and statement that bind it last, not counting loops and functions."""
        return {
            normal(name): (site.cell, site.top)
            for site in self.sites.values()
            for name in site.names
            if not site.scope and not site.in_loop and site.kind != "loop"
        }

    def run(self, order: dict[str, Any]) -> None:
        """Make one run: with fresh names and the inputs of the point, reporting every binding."""
        plan = self._plan(order)
        began = time.process_time()
        self.channel.prompt = order["prompt"]
        self._reset_surroundings()
        values.speak(set())
        self.libraries.start(order["scales"], order["floats"], self.halves)
        self.starts.any_started = False
        recorder = Recorder(self.sites, self.vocabulary, self.libraries, plan, self.channel.send, self.channel.ask)
        cells, noise = self.cells, None
        if order["program"] is not None:
            cells = cells_of(order["program"], self.sites)
        if order["noise"]:
            noise = Noise(order["noise"], order["noise_dtype"], order["smooth"])
        ends = Ends(order["ends"], order["stopped"], self.channel.is_forked)
        module = ModuleType("__main__")
        names = module.__dict__
        watched = fault.watched(recorder, noise, self.blame)
        if order["perturbation"] is not None:
            kind = PerturbedSlope if order["perturbation"]["around"] is None else Nonlinear
            watched.perturbed, other = kind(order["perturbation"]), Sloped(order["perturbation"])
            watched.shifted, watched.moved, watched.shifting = other.shifted, other.moved, other.shifting
            watched.operated, watched.called = other.operated, other.called
        watched.ends, watched.ends_if = ends.may_come, ends.may_come_if
        recorder.ends = ends
        names.update({"__builtins__": builtins, "__file__": self.file, NAME: watched})
        for name in self.unbound:
            recorder.give(names, name, name)
        sys.modules["__main__"] = module
        run = _Run(recorder, watched, plan, names, ends, order)
        if not run.left_out:
            self.once = SetupCache()
        try:
            with self._surroundings(order, watched):
                ended = self._execute(cells, run)
            # Finalizers of the student's objects run here, within the time of the run.
            names.clear()
        except limits.TimeLimit:  # raised again while the first one was being handled
            ended = wire.TIMEOUT
        finally:
            self.channel.timer.stop()
        self.libraries.differentiators.end()
        recorder.flush()
        if not run.left_out:
            self.once.own_inputs.update(recorder.own_inputs)
        flush()
        used = wire.used_flags({*self.libraries.differentiators.used, *self._started()})
        self.channel.send(wire.END, wire.pack_end(ended, max(0.0, time.process_time() - began)), used)

    def _started(self) -> tuple[str, ...]:
        return (wire.PROCESSES,) if self.starts.any_started else ()

    @contextlib.contextmanager
    def _surroundings(self, order: dict[str, Any], watched: SimpleNamespace) -> Iterator[None]:
        """What a run is made in, besides its namespace."""
        with contextlib.ExitStack() as stack:
            if self.accelerators:
                stack.enter_context(devices.on_cpu(functools.partial(self.note, wire.DEVICE)))
            if order["noise"]:
                stack.enter_context(perturbed_text(watched, noisy))
            elif order["perturbation"] is not None and order["perturbation"]["around"] is not None:
                stack.enter_context(perturbed_text(watched, with_other_slopes(order["perturbation"]["texts"])))
            if wire.PROCESSES in order["scales"]:
                stack.enter_context(self.starts.refused())
            elif order["scales"]:
                stack.enter_context(self.libraries.watching())
            yield

    def _plan(self, order: dict[str, Any]) -> Plan:
        decisions = order["decisions"]
        return Plan(
            _values(order["point"]),
            self.given,
            None if decisions is None else {(site, occurrence): name for site, occurrence, name in decisions},
            frozenset(map(tuple, order["stops"])),
            frozenset(map(tuple, order["whole"])),
            None if order["until"] is None else tuple(order["until"]),
            self.ends_when_asked,
            order["observe"],
            {(cell, top): _values(names) for cell, top, names in order["supplied"]},
            self.unknown,
        )

    def _stand_in(self, packages: Sequence[str]) -> None:
        """Install stubs for these packages, where they are not installed."""
        sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]
        if packages:
            note = functools.partial(self.note, wire.PACKAGE)
            sys.meta_path.append(Finder(packages, self._is_own, note))

    def _is_own(self, file: str) -> bool:
        """Whether a file belongs to the submission, or was handed in with it."""
        return file in self.by_name or (self.beside and file.startswith(self.home + os.sep))

    def note(self, what: int, name: str) -> None:
        """Report, once, something that is not available, with the student's line that asks for it."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename not in self.by_name:
            frame = frame.f_back
        if frame is None or (what, name) in self.noted:
            return
        self.noted.add((what, name))
        cell = self.by_name[frame.f_code.co_filename]
        self.channel.send(wire.NOTED, wire.pack_noted(what, cell, frame.f_lineno, name))

    def blame(self, error: BaseException) -> None:
        """Report a fault of our own to the grader and exit; return if the fault is the submission's."""
        if fault.is_ours(error, self.snapshot, frozenset(cell.name for cell in self.cells)):
            self.channel.send(wire.FAULT, fault.told(error).encode("utf-8", "backslashreplace"))
            os._exit(1)

    def _reset_surroundings(self) -> None:
        """Reset what an earlier run may have changed: working directory, standard streams, modules handed in."""
        with contextlib.suppress(OSError):
            os.chdir(self.home)
        for name in self._helpers() if self.beside else ():
            del sys.modules[name]
        sys.stdin, sys.stdout, sys.stderr = sys.__stdin__, sys.__stdout__, sys.__stderr__

    def _helpers(self) -> list[str]:
        """Modules that were handed in with the submission: each run imports them anew."""
        found = ((name, getattr(module, "__file__", None)) for name, module in list(sys.modules.items()))
        return [name for name, file in found if isinstance(file, str) and file.startswith(self.home + os.sep)]

    def _execute(self, cells: tuple[Code, ...], run: _Run) -> int:
        """Run all cells; once the program has ended, only the exercise's own."""
        self.channel.timer.start(*run.seconds)
        how = wire.FINISHED
        for number, cell in enumerate(cells):
            if cell.name == wire.ANSWER:
                self._begin_the_answer(cell, run)
                how = wire.FINISHED
            elif run.has_left:
                continue
            try:
                if self._execute_cell(number, cell, run):
                    return wire.ENOUGH
            except Enough:
                return wire.ENOUGH
            except limits.TimeLimit as limit:
                how = wire.TIMEOUT
                run.has_left = True
                with self.channel.timer:
                    self._report_end(number, run.top, limit, wire.TIME_LIMIT)
                    limit.__traceback__ = None
        return how

    def _begin_the_answer(self, cell: Code, run: _Run) -> None:
        """Start the exercise's own cell: its functions get the inputs of the point, whatever the submission called them
        with before, and a time limit of their own where the program has ended."""
        if run.has_left:
            self.channel.timer.start(*run.seconds)
        run.recorder.answer_begins()
        values.speak(libraries_of([code for code in cell.statements if isinstance(code, CodeType)], run.names))
        for name in run.plan.point:
            run.recorder.give(run.names, name, name)

    def _execute_cell(self, number: int, cell: Code, run: _Run) -> bool:
        """Run the statements of a cell, up to one that ends the program. Returns whether nothing that follows can
        count: after the statement the run is to end with, or else after the cell in which the last step is bound."""
        for top in range(len(cell.statements)):
            run.top = top
            if (number, top) in run.ends.stopped and self._is_passed_by(number, run):
                return False
            if (number, top) in run.left_out and self._leave_out(run.recorder, run.plan, run.names, number, top):
                continue
            if run.prompt:
                self.channel.send(wire.BEGUN, wire.pack_place(number, top))
            for label, value in run.plan.supplied.get((number, top), {}).items():
                run.names.setdefault(label, values.fit(None, value))
            if not self._execute_statement(number, cell, run):
                run.has_left = True
                return False
            if run.recorder.finished() or run.plan.until == (number, top):
                return True
        return run.plan.until is None and run.recorder.asked_all(number)

    def _is_passed_by(self, number: int, run: _Run) -> bool:
        """For a statement that was stopped in an earlier run: whether the program ends before it this time. Where no
        cell of the exercise's own follows, the statement may bind steps at its beginning, so it is run for a moment."""
        if self.cells[-1].name == wire.ANSWER:
            self._report_end(number, run.top, None, wire.TIME_LIMIT)
            run.has_left = True
            return True
        self.channel.timer.start(*(STOPPED_TIME_FRACTION * seconds for seconds in run.seconds))
        return False

    def _execute_statement(self, number: int, cell: Code, run: _Run) -> bool:
        """Run a statement; returns whether the program goes on after it."""
        top, raised, began = run.top, None, (time.process_time(), time.monotonic())
        code, sites = cell.statements[top], cell.sites[top]
        try:
            if isinstance(code, Exception):
                raise code
            exec(code, run.names)
            if sites and sites[-1].kind == "swept":
                run.watched.sweep(sites[-1], run.names)
            run.watched.ended(sites, run.names)
        except (Enough, limits.TimeLimit):
            raise
        except SystemExit as error:
            if self.channel.is_forked():
                leave()
            if run.ends.may_come(*self._innermost(error.__traceback__, number)):
                self._report_end(number, top, error, _described(error))
                return False
            self._bind_after_raising(run.recorder, run.names, number, top)
        except BaseException as error:
            raised = self._raised(run.recorder, run.names, number, top, error)
        taken = time.process_time() - began[0], time.monotonic() - began[1]
        if not run.left_out and self.once.ended(number, top, taken, raised):
            self.channel.send(wire.SLOW, wire.pack_place(number, top))
        return True

    def _report_end(self, cell: int, top: int, error: BaseException | None, how: str) -> None:
        """Report the statement that ended the program, or at which it was ended."""
        at, line = (cell, 0) if error is None else self._innermost(error.__traceback__, cell)
        self.channel.send(wire.LEFT, wire.pack_raise(Raise(cell, top, at, line, how)))

    def _leave_out(self, recorder: Recorder, plan: Plan, names: dict[str, Any], cell: int, top: int) -> bool:
        """Reproduce the effects of a skipped statement: bind its inputs, restore the random state, report its error.
        False where that is impossible and the statement must be run."""
        inputs = [site for site in self.cells[cell].sites[top] if (site.number, 0) in (plan.decisions or {})]
        if any(site.owner or self.once.own_input(site.number) is None for site in inputs):
            return False
        for site in inputs:
            value = recorder.bound(site.number, self.once.own_input(site.number))
            names.update((label, value) for label in site.names)
        if (raised := self.once.raised(cell, top)) is not None:
            self.channel.send(wire.RAISED, raised)
            self._bind_after_raising(recorder, names, cell, top)
        self.once.go_on(cell, top)
        return True

    def _raised(self, recorder: Recorder, names: dict[str, Any], cell: int, top: int, error: BaseException) -> bytes:
        """Report the error of a statement, and bind its names."""
        cell_at, line = self._innermost(error.__traceback__, cell)
        text = _described(error)
        error.__traceback__ = None
        report = wire.pack_raise(Raise(cell, top, cell_at, line, text))
        self.channel.send(wire.RAISED, report)
        self._bind_after_raising(recorder, names, cell, top)
        return report

    def _bind_after_raising(self, recorder: Recorder, names: dict[str, Any], cell: int, top: int) -> None:
        """Bind what a statement that raised should have bound: inputs at once, other names where the grader gives a
        value."""
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
        found = (cell, 0)
        while trace is not None:
            name = trace.tb_frame.f_code.co_filename
            if name in self.by_name:
                found = (self.by_name[name], trace.tb_lineno)
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
        name: _BLANK if value is None else Wired(NUMBERS, value[0], tuple(value[1]), base64.b64decode(value[2]))
        for name, value in packed.items()
    }
