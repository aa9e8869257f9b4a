"""All submissions: each style alone on some exercises, two or three together on others."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import islice

from tests.styles import cells, containers, endings, in_place, layouts, loops, numbers, spelling
from tests.styles.derivations import EXERCISES, Derivation, DoesNotFit, Program, derivation, written
from tests.styles.planting import MARK, mistakes, mistakes_in_a_helper
from tests.styles.programs import File, file, script

Rewrite = Callable[[Derivation], Derivation]
Layout = Callable[[Derivation], Program]


@dataclass(frozen=True, slots=True)
class Style:
    """How a derivation is changed, and how it is laid out."""

    group: str
    rewrites: tuple[Rewrite, ...]
    layout: Layout = script

    @property
    def name(self) -> str:
        parts = [one.__name__ for one in self.rewrites]
        return "+".join(parts if self.layout is script and parts else [*parts, self.layout.__name__])

    def applied(self, one: Derivation) -> Program:
        """Raises `DoesNotFit`."""
        for rewrite in self.rewrites:
            one = rewrite(one)
        return self.layout(one)


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission to an exercise: right, or with one planted mistake."""

    exercise: str
    style: Style
    program: Program
    right: Derivation
    kind: str = ""

    @property
    def name(self) -> str:
        return f"{self.exercise}: {self.style.name}{f' ({self.kind})' if self.kind else ''}"

    @property
    def file(self) -> File:
        return file(self.program, f"# exercise: {self.exercise}")


REWRITES: dict[str, tuple[Rewrite, ...]] = {
    "containers": containers.STYLES,
    "functions": layouts.STYLES,
    "in place": in_place.STYLES,
    "loops": loops.STYLES,
    "numbers": numbers.STYLES,
    "endings": endings.STYLES,
    "spelling": spelling.STYLES,
}

SINGLE = (
    *(Style(group, (one,)) for group, each in REWRITES.items() for one in each),
    *(Style("functions", (), one) for one in layouts.LAYOUTS),
    *(Style("cells", (), one) for one in cells.LAYOUTS),
)
GROUPS = (*dict.fromkeys(style.group for style in SINGLE), "two or three")

ONLY_RIGHT = endings.ONLY_RIGHT | {"through_exec"}
"""Styles without a line of its own for a mistake."""

SLOW = (endings.endless_loop_behind_functions,)
"""Each takes as long as a run may take."""

ORDER = ("numbers", "in place", "loops", "functions", "spelling", "containers", "endings")
"""In which order styles are applied where there are several: what keeps the steps' names goes first."""


def drawn(name: str) -> Style:
    """Two or three styles together, by the name's own seed."""
    source = random.Random(name)
    groups = source.sample(ORDER, source.choice((1, 2, 2)))
    rewrites = tuple(source.choice(REWRITES[group]) for group in ORDER if group in groups)
    layout = source.choice(
        cells.LAYOUTS if endings.raise_where_wrong in rewrites else (*layouts.LAYOUTS, *cells.LAYOUTS)
    )
    return Style("two or three", rewrites, layout)


def fitting(style: Style, one: Derivation) -> Program | None:
    try:
        return style.applied(one)
    except DoesNotFit:
        return None


@cache
def right(group: str, each: int) -> tuple[Submission, ...]:
    """Correct submissions in the styles of a group: `each` exercises for a style."""
    return tuple(made for style, exercise in _spread(group, each) if (made := correct(style, exercise)))


def correct(style: Style, exercise: str) -> Submission | None:
    program = fitting(style, derivation(exercise))
    return None if program is None else Submission(exercise, style, program, derivation(exercise))


@cache
def wrong(group: str, each: int) -> tuple[Submission, ...]:
    """Submissions with one planted mistake."""
    found = [*_in_helpers(each)] if group == "functions" else []
    for style, exercise in _spread(group, each):
        if not {one.__name__ for one in style.rewrites} & ONLY_RIGHT:
            found += list(_planted(style, exercise))
    return tuple(found)


def _planted(style: Style, exercise: str) -> Iterator[Submission]:
    """A mistake that is still there when the style is applied: not the same one in every style."""
    known = mistakes(exercise, 8)
    for mistake in random.Random(f"{exercise} {style.name}").sample(known, len(known)):
        program = fitting(style, mistake.derivation)
        if program is not None and any(MARK in written(cell) for cell in program.cells):
            yield Submission(exercise, style, program, derivation(exercise), mistake.kind)
            return


def _in_helpers(each: int) -> Iterator[Submission]:
    """Mistakes in a function called for several steps: planted after the style was applied."""
    style = Style("functions", (), helper_called_for_several_steps)
    for exercise in EXERCISES:
        with suppress(DoesNotFit):
            for mistake in mistakes_in_a_helper(exercise, -(-each // 5)):
                yield Submission(exercise, style, style.applied(mistake.derivation), mistake.derivation, mistake.kind)


def helper_called_for_several_steps(one: Derivation) -> Program:
    """A script whose mistake is in a shared helper."""
    return script(one)


def _spread(group: str, each: int) -> Iterator[tuple[Style, str]]:
    """Styles with the exercises they fit, so that all exercises have their turn."""
    if group == "two or three":
        for number in range(each * len(EXERCISES)):
            exercise = EXERCISES[number % len(EXERCISES)]
            style = _that_fits(exercise, number)
            yield style, exercise
        return
    for style in SINGLE:
        if style.group == group:
            turn = random.Random(style.name).sample(EXERCISES, len(EXERCISES))
            fit = (exercise for exercise in turn if fitting(style, derivation(exercise)) is not None)
            count = min(each, 2) if style.rewrites == SLOW else each
            yield from ((style, exercise) for exercise in islice(fit, count))


def _that_fits(exercise: str, number: int) -> Style:
    for turn in range(1000):
        style = drawn(f"{exercise} {number} {turn}")
        if style.rewrites and fitting(style, derivation(exercise)) is not None:
            return style
    raise AssertionError(exercise)
