"""Compare a step with a numerical slope: central differences through the student's own program.

The program runs again with the quantity that a step differentiates by shifted a little, up and down. Of an array step
only the entry with the largest difference is shifted, which the reference tells. A slope that is not the right one, as
where forward values are wrong or the program branches at this number, is not shown: then the exercise's program is
evaluated instead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from grader.diagnosis.chain_rule.meaning import StudentMeaning
from grader.diagnosis.chain_rule.numbers import as_number, shape_of
from grader.diagnosis.chain_rule.rule import target_of
from grader.errors import UsageError
from grader.exercise.given import constants
from grader.exercise.types import Exercise
from grader.formula.check import unrolled
from grader.formula.evaluate import Environment, EvaluationError, execute
from grader.formula.syntax import Derivative, text
from grader.grading import names_asked
from grader.judge.evidence import Evidence, observe
from grader.judge.locations import span_of
from grader.judge.matching.naming import names_of
from grader.judge.matching.types import Match, Scene
from grader.judge.verdicts import Verdict, judge
from grader.model import Span, Submission, Value
from grader.preparation import prepare
from grader.reference.cache import reference_for
from grader.reference.points import given_inputs
from grader.runner.session import Session
from grader.runner.types import Event, Order
from grader.submission.companion_files import with_files
from grader.submission.imports import libraries_needed
from grader.submission.load import load as load_submission

SHIFT = 1e-5
"""How far a quantity is shifted, up and down, relative to its size."""

ROUNDING = 1e-12
"""Error of a difference of two values by rounding, at most: divided by the shift, that of the slope."""

AGREE = 1e-5
"""How closely a right value and a numerical slope agree, relative to the largest slope of the step."""


@dataclass(frozen=True, slots=True)
class SlopeComparison:
    """A step beside its numerical slope, at the given numbers.

    `entry` is the index of the entry with the largest difference, () for a number; `differing` of the `size` entries
    differ. `program` is the one whose slope it is, and `unlike` the first forward value of the submission that is not
    right. `of` changes when `by` is shifted by `shift`."""

    step: str
    of: str
    by: str
    where: Span | None
    entry: tuple[int, ...]
    differing: int
    size: int
    own: float
    slope: float
    shift: float
    program: Literal["own", "exercise"]
    unlike: str | None = None

    @property
    def agrees(self) -> bool:
        return not self.differing


def numcheck(exercise: Exercise, path: str, name: str) -> SlopeComparison:
    """Compare the step `name` of the submission at `path` with its numerical slope.

    Raises `UsageError` for a step that is no d(a)/d(b), or of which the submission has no value, and what
    `grader.pipeline.check` raises."""
    step = next(one for one in exercise.steps if one.name == name)
    quantity = step.quantity
    if not isinstance(quantity, Derivative) or quantity.via is not None or quantity.partial:
        raise UsageError(f"`{name}` = {step.text} is no d(a)/d(b) through every path: it has no slope to compare with.")
    submission = with_files(load_submission(Path(path)), names_asked(exercise))
    with Session(None, libraries_needed(submission)) as session:
        made = prepare(exercise, submission, names_of(exercise), given_inputs(exercise))
        if not made.submission.cells:
            raise UsageError(f"{submission.file} cannot be read: `grader check` says why.")
        session.prepare(made.setup)
        evidence = observe(session, exercise, reference_for(exercise), made.names, made.sites)
        verdicts = judge(evidence)
        verdict = next(one for one in verdicts if one.step.name == name)
        found = _compared(quantity, _own_value(verdict), _OwnRuns(session, evidence), made.submission, verdict)
    forward = {one.name for one in exercise.forward_steps}
    unlike = (one.step.name for one in verdicts if one.step.name in forward and one.outcome == "wrong")
    return replace(found, unlike=next(unlike, None))


def _own_value(verdict: Verdict) -> Value:
    event = None if verdict.match is None else verdict.match.value_at(0)
    if event is None or not isinstance(event.value, Value):
        raise UsageError(f"There is no value of `{verdict.step.name}` yet, so there is nothing to compare.")
    return event.value


def _compared(
    quantity: Derivative, own: Value, runs: _OwnRuns, submission: Submission, verdict: Verdict
) -> SlopeComparison:
    scene = runs.evidence.scene
    names = {text(one.quantity): one.name for one in scene.quantities}
    of, by = (names.get(text(one), text(one)) for one in (quantity.of, quantity.by))
    start = {**scene.reference.values[0], **scene.reference.points[0].inputs}.get(by)
    right, numbers = scene.reference.values[0][verdict.step.name].numbers(), own.numbers()
    if start is None:
        raise UsageError(f"`{verdict.step.name}` = {verdict.step.text} has no slope to compare with.")
    if len(right) != len(numbers):
        raise UsageError(f"`{verdict.step.name}` has {len(numbers)} entries, its derivative {len(right)}.")
    gaps = [abs(one - other) for one, other in zip(numbers, right, strict=True)]
    worst = max(range(len(gaps)), key=lambda k: (gaps[k] != gaps[k], gaps[k]))
    tolerance = AGREE * max(map(abs, right))
    entries = divmod(worst, start.size)
    shift = SHIFT * max(1.0, abs(start.numbers()[entries[1]]))
    slopes: dict[Literal["own", "exercise"], Callable[[], float | None]] = {
        "own": lambda: runs.slope(of, by, entries, shift),
        "exercise": lambda: _NumpyProgram(scene).slope(quantity, entries, shift),
    }
    for program, slope in slopes.items():
        found = slope()
        if found is not None and abs(found - right[worst]) <= 10 * tolerance + ROUNDING / shift:
            return SlopeComparison(
                verdict.step.name,
                text(quantity.of),
                text(quantity.by),
                None if verdict.site is None else span_of(submission, verdict.site.cell, verdict.site.value),
                _index(worst, own.shape),
                sum(not gap <= tolerance for gap in gaps),
                len(gaps),
                numbers[worst],
                found,
                shift,
                program,
            )
    raise UsageError(f"`{verdict.step.name}` has no numerical slope here: the value has a kink, or cannot be shifted.")


def _index(flat: int, shape: Sequence[int]) -> tuple[int, ...]:
    found: list[int] = []
    for size in reversed(shape):
        flat, at = divmod(flat, size)
        found.insert(0, at)
    return tuple(found)


class _OwnRuns:
    """Runs of the submission with a quantity shifted."""

    def __init__(self, session: Session, evidence: Evidence) -> None:
        self.session, self.evidence = session, evidence

    def slope(self, of: str, by: str, entries: tuple[int, int], shift: float) -> float | None:
        """The central difference of an entry of `of` by an entry of `by`; None where one of them cannot be found or
        shifted."""
        ends = [self._run(of, by, entries, side * shift) for side in (1, -1)]
        if ends[0] is None or ends[1] is None:
            return None
        return (ends[0] - ends[1]) / (2 * shift)

    def _run(self, of: str, by: str, entries: tuple[int, int], shift: float) -> float | None:
        inputs = self.evidence.scene.reference.points[0].inputs
        moved = {**inputs, by: _shifted(inputs[by], entries[1], shift)} if by in inputs else inputs
        if of in inputs:
            return moved[of].numbers()[entries[0]]
        matches = self.evidence.alignment.matches
        match, start = matches.get(of), matches.get(by)
        wanted = None if match is None else match.events[0]
        if match is None or wanted is None:
            return None
        if by in inputs:
            trace = self.session.run(Order(moved, self.evidence.decisions))
        else:
            event = None if start is None else start.events[0]
            if start is None or event is None or start.slot is not None or not isinstance(event.value, Value):
                return None
            put, places = _shifted(event.value, entries[1], shift), {event.place, *start.origins}
            # Such a run ends with the last binding it stops at: that is the one to be seen.
            order = Order(inputs, self.evidence.decisions, frozenset({*places, wanted.place}), observe=True)
            trace = self.session.run(order, lambda stopped: put if stopped.place in places else None)
        seen = next((one for one in trace.events if one.place == wanted.place), None)
        return None if seen is None else _entry(match, seen, entries[0])


def _entry(match: Match, event: Event, entry: int) -> float | None:
    value = (event if match.slot is None else match.slot.of(event)).value
    return value.numbers()[entry] if isinstance(value, Value) and entry < value.size else None


def _shifted(value: Value, entry: int, shift: float) -> Value:
    numbers = list(value.numbers())
    numbers[entry] += shift
    return Value.of(numbers, value.shape, value.dtype)


class _NumpyProgram:
    """The exercise's program at the given numbers, evaluated without torch."""

    def __init__(self, scene: Scene) -> None:
        inputs = scene.reference.points[0].inputs
        self._statements = unrolled(scene.exercise.program, constants(scene.exercise.inputs))
        self._inputs = {name: as_number(value) for name, value in inputs.items()}
        self._meaning = _meaning(any(value.shape for value in inputs.values()))

    def slope(self, quantity: Derivative, entries: tuple[int, int], shift: float) -> float | None:
        """The central difference of an entry of `of` by an entry of `by`; None where the program has an operation that
        is not evaluated here."""
        try:
            up, down = (self._value(quantity, entries, side * shift) for side in (1, -1))
        except (EvaluationError, ArithmeticError, ValueError, TypeError, KeyError, IndexError):
            return None
        return (up - down) / (2 * shift)

    def _value(self, quantity: Derivative, entries: tuple[int, int], shift: float) -> float:
        """An entry of `of`, with an entry of `by` shifted as soon as it has a value."""
        environment, by = Environment(dict(self._inputs)), text(quantity.by)
        last = max((k for k, one in enumerate(self._statements) if text(target_of(one)) == by), default=-1)
        for number in range(-1, len(self._statements)):
            if number >= 0:
                execute(self._statements[number], environment, self._meaning)
            if number == last:
                holder, key = _held(by, environment)
                holder[key] = _moved(holder[key], entries[1], shift)
        holder, key = _held(text(quantity.of), environment)
        return _flat(holder[key])[entries[0]]


def _meaning(arrays: bool) -> StudentMeaning:
    if not arrays:
        from grader.diagnosis.chain_rule.meaning import ScalarMeaning

        return ScalarMeaning()
    from grader.diagnosis.chain_rule.arithmetic import NumpyMeaning

    return NumpyMeaning()


def _held(quantity: str, environment: Environment) -> tuple[dict[Any, Any], Any]:
    """Where a quantity, an element of a family included, is held: the mapping, and its key."""
    name, bracket, rest = quantity.partition("[")
    return (environment.elements[name], int(rest.removesuffix("]"))) if bracket else (environment.values, name)


def _moved(value: Any, entry: int, shift: float) -> Any:
    if not shape_of(value):
        return value + shift
    moved = value.astype(float)
    moved.flat[entry] += shift
    return moved


def _flat(value: Any) -> list[float]:
    return [float(value)] if not shape_of(value) else [float(one) for one in value.ravel()]
