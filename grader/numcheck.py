"""Compare a step with a numerical slope: central differences through the student's own program.

The program runs again with the quantity that a step differentiates by shifted a little, up and down. Where its forward
values are not right, or no binding of it can be shifted, the exercise's program is evaluated instead. Of an array step,
the exercise's program finds the entry with the largest difference; only that entry is then computed by runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from grader.diagnosis.meaning import StudentMeaning
from grader.diagnosis.numbers import as_number, shape_of
from grader.diagnosis.rule import target_of
from grader.errors import UsageError
from grader.exercise.types import Exercise
from grader.formula.evaluate import Environment, EvaluationError, execute
from grader.formula.syntax import Assign, Derivative, Expression, statements, text
from grader.grading import names_asked
from grader.judge.align import Match
from grader.judge.evidence import Evidence, observe
from grader.judge.naming import names_of
from grader.judge.places import span_of
from grader.judge.verdicts import Verdict, judge
from grader.model import Span, Submission, Value
from grader.preparation import prepare
from grader.reference.cache import remembered
from grader.reference.points import given_inputs
from grader.runner.session import Session
from grader.runner.types import Event, Order
from grader.submission.companion_files import with_files
from grader.submission.imports import slow_libraries
from grader.submission.load import load as load_submission

SHIFT = 1e-5
"""How far a quantity is shifted, up and down, relative to its size."""

MOST = 4096
"""Maximum number of entries that are shifted."""

AGREE = 1e-5
"""How closely a right value and a numerical slope agree, relative to the largest slope of the step."""


@dataclass(frozen=True, slots=True)
class Comparison:
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


def numcheck(exercise: Exercise, path: str, name: str) -> Comparison:
    """Compare the step `name` of the submission at `path` with its numerical slope.

    Raises `UsageError` for a step that is no d(a)/d(b), or of which the submission has no value, and what
    `grader.pipeline.check` raises."""
    step = next(one for one in exercise.steps if one.name == name)
    quantity = step.quantity
    if not isinstance(quantity, Derivative) or quantity.via is not None or quantity.partial:
        raise UsageError(f"`{name}` = {step.text} is no d(a)/d(b) through every path: it has no slope to compare with.")
    submission = with_files(load_submission(Path(path)), names_asked(exercise))
    with Session(None, slow_libraries(submission)) as session:
        setup, sites, names, submission = prepare(exercise, submission, names_of(exercise), given_inputs(exercise))
        if not submission.cells:
            raise UsageError(f"{submission.file} cannot be read: `grader check` says why.")
        session.prepare(setup)
        evidence = observe(session, exercise, remembered(exercise), names, sites)
        verdicts = judge(evidence)
        verdict = next(one for one in verdicts if one.step.name == name)
        found = _compared(quantity, _own_value(verdict), _OwnRuns(session, evidence), submission, verdict)
    forward = {one.name for one in exercise.forward_steps}
    unlike = (one.step.name for one in verdicts if one.step.name in forward and one.outcome == "wrong")
    return replace(found, unlike=next(unlike, None))


def _own_value(verdict: Verdict) -> Value:
    event = None if verdict.match is None else verdict.match.value_at(0)
    if event is None or not isinstance(event.value, Value):
        raise UsageError(f"There is no value of `{verdict.step.name}` yet, so there is nothing to compare.")
    return event.value


def _compared(quantity: Derivative, own: Value, runs: _OwnRuns, submission: Submission, verdict: Verdict) -> Comparison:
    of, by = text(quantity.of), text(quantity.by)
    program = _Program(runs.evidence.scene.exercise, runs.evidence.scene.reference.points[0].inputs)
    slopes = program.slopes(quantity)
    numbers = own.numbers()
    if len(slopes) != len(numbers):
        raise UsageError(f"`{verdict.step.name}` has {len(numbers)} entries, its derivative {len(slopes)}.")
    tolerance = AGREE * max(map(abs, slopes))
    gaps = [abs(one - other) for one, other in zip(numbers, slopes, strict=True)]
    worst = max(range(len(gaps)), key=lambda k: (gaps[k] == gaps[k], gaps[k])) if gaps else 0
    slope, shift = slopes[worst], program.shift(quantity.by, worst % program.size(quantity.by))
    found = runs.slope(of, by, divmod(worst, program.size(quantity.by)), shift)
    is_own = found is not None and abs(found - slope) <= 10 * tolerance
    where = None if verdict.site is None else span_of(submission, verdict.site.cell, verdict.site.value)
    return Comparison(
        verdict.step.name,
        of,
        by,
        where,
        _index(worst, own.shape),
        sum(not gap <= tolerance for gap in gaps),
        len(gaps),
        numbers[worst],
        found if is_own and found is not None else slope,
        shift,
        "own" if is_own else "exercise",
    )


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


class _Program:
    """The exercise's program, evaluated without torch."""

    def __init__(self, exercise: Exercise, inputs: Mapping[str, Value]) -> None:
        self._statements = tuple(statements(exercise.program))
        self._inputs = {name: as_number(value) for name, value in inputs.items()}
        self._meaning = _meaning(any(value.shape for value in inputs.values()), self._statements)
        self._plain = self._run(None, None)

    def size(self, quantity: Expression) -> int:
        """The number of entries of a quantity."""
        return len(_flat(_get(quantity, self._plain)))

    def shift(self, quantity: Expression, entry: int) -> float:
        """How far an entry is shifted."""
        return SHIFT * max(1.0, abs(_flat(_get(quantity, self._plain))[entry]))

    def slopes(self, quantity: Derivative) -> list[float]:
        """The central difference of each entry of `of` by each of `by`, in C order. Raises `UsageError`."""
        size = self.size(quantity.by)
        if size > MOST:
            raise UsageError(f"`{text(quantity.by)}` has {size} entries: more than {MOST} are not shifted.")
        columns = [self._column(quantity, entry) for entry in range(size)]
        return [one for row in zip(*columns, strict=True) for one in row]

    def _column(self, quantity: Derivative, entry: int) -> list[float]:
        shift = self.shift(quantity.by, entry)
        up, down = (_flat(_get(quantity.of, self._run(quantity.by, (entry, side * shift)))) for side in (1, -1))
        return [(one - other) / (2 * shift) for one, other in zip(up, down, strict=True)]

    def _run(self, by: Expression | None, shifted: tuple[int, float] | None) -> Environment:
        """Evaluate the program with one entry of `by` shifted as soon as it has a value. Raises `UsageError`."""
        environment = Environment(dict(self._inputs))
        last = _last_of(by, self._statements)
        try:
            if by is not None and shifted is not None and last < 0:
                _put(by, environment, *shifted)
            for number, statement in enumerate(self._statements):
                execute(statement, environment, self._meaning)
                if by is not None and shifted is not None and number == last:
                    _put(by, environment, *shifted)
        except (EvaluationError, ArithmeticError, ValueError, TypeError, KeyError, IndexError) as error:
            raise UsageError(f"The program of this exercise cannot be shifted here ({error}).") from error
        return environment


def _meaning(arrays: bool, program: Sequence[Assign]) -> StudentMeaning:
    if not arrays:
        from grader.diagnosis.scalars import ScalarMeaning

        return ScalarMeaning()
    from grader.diagnosis.arithmetic import NumpyMeaning

    return NumpyMeaning()


def _last_of(by: Expression | None, program: Sequence[Assign]) -> int:
    """The last statement that assigns a quantity; -1 for an input."""
    if by is None:
        return -1
    return max((k for k, one in enumerate(program) if text(target_of(one)) == text(by)), default=-1)


def _get(quantity: Expression, environment: Environment) -> Any:
    name, bracket, rest = text(quantity).partition("[")
    if not bracket:
        return environment.values[name]
    return environment.node(name, int(rest.removesuffix("]")))


def _put(quantity: Expression, environment: Environment, entry: int, shift: float) -> None:
    name, bracket, rest = text(quantity).partition("[")
    holder: dict[Any, Any] = environment.elements[name] if bracket else environment.values
    key: Any = int(rest.removesuffix("]")) if bracket else name
    holder[key] = _moved(holder[key], entry, shift)


def _moved(value: Any, entry: int, shift: float) -> Any:
    if not shape_of(value):
        return value + shift
    moved = value.astype(float)
    moved.flat[entry] += shift
    return moved


def _flat(value: Any) -> list[float]:
    return [float(value)] if not shape_of(value) else [float(one) for one in value.ravel()]
