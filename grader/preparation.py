"""Turn a submission into what a session needs to run it: sites, sources, names, limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from grader.exercise.types import Exercise
from grader.instrument.name_matching import normal
from grader.instrument.site import BUILDS, Site
from grader.instrument.sites import Instrumented, instrument
from grader.judge.failures import source_of
from grader.judge.matching.naming import Names, names_of
from grader.model import Cell, Problem, Submission, Value
from grader.reference.cache import reference_for
from grader.reference.points import Reference, given_inputs
from grader.runner.child.package_stubs import KNOWN
from grader.runner.program_ends import asking
from grader.runner.types import Setup, Sites
from grader.runner.wire import ANSWER
from grader.submission.companion_files import helpers_of, is_plain
from grader.submission.imports import unguarded
from grader.submission.spans import line_span
from grader.submission.text_search import words


@dataclass(frozen=True)
class PreparedExercise:
    """An exercise with what is the same for all its submissions, each part computed when it is first asked for.

    `secret`: what the probe points are drawn from, besides the exercise."""

    exercise: Exercise
    secret: str = ""

    @cached_property
    def given(self) -> Mapping[str, Value]:
        """The inputs, with the numbers that the student sees."""
        return given_inputs(self.exercise)

    @cached_property
    def names(self) -> Names:
        """The names that may stand for its quantities."""
        return names_of(self.exercise)

    @cached_property
    def reference(self) -> Reference:
        """The right values. Raises `ExerciseError`, and `EnvironmentProblem` where torch is missing."""
        return reference_for(self.exercise, self.secret)

    def asking(self, answer: str) -> PreparedExercise:
        """The same exercise with one of its answers; nothing that has been computed is computed again."""
        made = PreparedExercise(replace(self.exercise, answer=answer, answers=()), self.secret)
        made.__dict__.update({name: value for name, value in self.__dict__.items() if name not in made.__dict__})
        return made


_ACCELERATORS = words("cuda", "mps", "xpu")


@dataclass(frozen=True, slots=True)
class PreparedSubmission:
    """A submission as a session runs it.

    `setup`: what the child is given. `sites`: where values are bound. `names`: those of the exercise, as this
    submission uses them. `submission`: without cells that are nested too deeply to parse."""

    setup: Setup
    sites: Sites
    names: Names
    submission: Submission


def prepare(exercise: Exercise, submission: Submission, names: Names, given: Mapping[str, Value]) -> PreparedSubmission:
    """Instrument a submission. Raises `SyntaxError`."""
    cells: list[Cell] = []
    sites: list[Site] = []
    instrumented: list[Instrumented] = []
    problems = list(submission.problems)
    for cell in submission.cells:
        try:
            made = instrument(cell.source, len(cells), len(sites))
            made = replace(made, statements=asking(made.statements, cell.source, len(cells)))
        except (RecursionError, MemoryError):
            where = line_span(cell, submission.file, 1)
            problems.append(Problem("unreadable", "this part is nested too deeply to be read", where))
            continue
        cells.append(cell)
        instrumented.append(made)
        sites.extend(made.sites)
    sources = [cell.source for cell in cells]
    files = [f"{submission.file}#{number}" for number in range(len(cells))]
    if exercise.answer is not None:
        answer = source_of(exercise.answer)
        made = instrument(answer, len(cells), len(sites))
        sites.extend(made.sites)
        instrumented.append(made)
        sources.append(answer)
        files.append(ANSWER)
    names = _told_apart(names, sites)
    home = Path(exercise.path).parent
    setup = Setup(
        submission.file,
        tuple(sources),
        tuple(files),
        names.labels,
        given,
        ends_when_asked=exercise.answer is None,
        limits=exercise.policy.limits,
        files=tuple(str(home / file) for file in exercise.policy.files),
        beside=tuple(one for one in submission.beside or () if is_plain(one.name)),
        filled=_filled_later(sites),
        rebound=_rebound(sites),
        instrumented=tuple(instrumented),
        packages=unguarded((*sources, *helpers_of(submission)), KNOWN),
        accelerators=_ACCELERATORS.is_in_any(sources),
    )
    return PreparedSubmission(
        setup,
        Sites(tuple(sites), tuple(sources)),
        names,
        replace(submission, cells=tuple(cells), problems=tuple(problems)),
    )


def _filled_later(sites: Sequence[Site]) -> dict[str, int]:
    """For each name, the last cell that starts by filling a value which an earlier cell bound: `dC = zeros(...)` in one
    cell, `dC[ix] += ...` in the next. A cell that first rebinds the name, as a training loop does, does not count."""
    first: dict[tuple[str, int], Site] = {}
    for site in sites:
        for name in (site.owner,) if site.kind == "item" else site.names:
            if not site.scope:
                first.setdefault((normal(name), site.cell), site)
    bound: dict[str, int] = {}
    for name, cell in first:
        bound.setdefault(name, cell)
    found: dict[str, int] = {}
    for (name, cell), site in first.items():
        goes_on = site.kind in BUILDS or (site.kind == "assign" and set(site.names) & site.reads)
        if goes_on and cell > bound[name]:
            found[name] = max(cell, found.get(name, 0))
    return found


def _rebound(sites: Sequence[Site]) -> dict[str, int]:
    """For each name that several cells bind at the top level, the last of these cells."""
    cells: dict[str, set[int]] = {}
    for site in sites:
        for name in (site.owner,) if site.kind == "item" else site.names:
            if not site.scope:
                cells.setdefault(normal(name), set()).add(site.cell)
    # `globals()["dz"] = ...` may bind any name.
    unseen = {site.cell for site in sites if site.kind == "swept"}
    last = {name: max(found | {cell for cell in unseen if cell > min(found)}) for name, found in cells.items()}
    return {name: cell for name, cell in last.items() if cell > min(cells[name])}


def _told_apart(names: Names, sites: list[Site]) -> Names:
    """Drop case-insensitive matches that are ambiguous: `t` is not the input T if the submission also binds T; without
    an `x` of its own, `X` may mean x."""
    bound = {name for site in sites for name in site.names}
    clear = {
        label: name
        for label, name in names.labels.inputs.items()
        if label == name or len(label) > 1 or name not in bound
    }
    return replace(names, labels=replace(names.labels, inputs=clear))
