"""Find given numbers that hide mistakes from a student who compares only there, although the probes would show them.

Two quantities that happen to be equal, or each other's inverse, square or small multiple, can be confused; a 0 removes
its factor, and all powers of 1 are 1. Relations that hold at every point belong to the exercise and are not a fault of
the numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from grader.judge.matching.compare import largest, measure
from grader.lint.notes import Notes
from grader.model import Value
from grader.reference.types import Reference
from grader.reference.value_monitor import Saturation
from grader.report.numbers import number

MULTIPLES = (2, 3, 4)
"""Factors that a formula may wrongly contain or lack: exponents, the 2 of a square."""

DIGITS = 9
"""Numbers that agree in this many digits count as equal here."""

_SMALL = 1e-150
"""Below this a square underflows to 0, and an inverse cannot be squared."""

_NOISE = 1e-19, 1e-13
"""A value in this range, relative to the largest value of its point, is 0 up to rounding and meant to be 0."""

UNRELATED = "numbers that are not related: at these one passes for the other"
ALWAYS = "at every point"
Fact = tuple[str, ...]


def examine_numbers(notes: Notes, reference: Reference, saturated: Sequence[Sequence[Saturation]]) -> None:
    """Warn of relations that hold at the given numbers and not at the probes. `saturated`: by point."""
    points = [{**point.inputs, **values} for point, values in zip(reference.points, reference.values, strict=True)]
    # Names with equal values at every point are one quantity, represented by the first name.
    first = {tuple(_key(at[name]) for at in points): name for name in reversed(points[0])}
    kept = [name for name in points[0] if name in first.values()]
    given, *probes = [facts({name: at[name] for name in kept}) for at in points]
    told: set[Fact] = set()
    for fact, words in given.items():
        # One warning per pair: equal numbers need no further warning that one is the other's square.
        if fact[:3] not in told and not all(fact in other for other in probes):
            told.add(fact[:3])
            _warn(notes, fact, words, "at the given numbers")
    for one in notes.exercise.inputs:
        if one.fixed and not one.whole and _special(reference.points[0].inputs[one.name]) is not None:
            _warn(
                notes, ("number", one.name), f"`{one.name}` = {_special(reference.points[0].inputs[one.name])}", ALWAYS
            )
    _of_saturation(notes, saturated)
    _of_lost_steps(notes, reference)
    _of_cancelled_steps(notes, reference)


def _warn(notes: Notes, fact: Fact, words: str, when: str) -> None:
    expected = UNRELATED
    if fact[0] == "number":
        expected = "a number other than 0, 1 and -1: with these, wrong factors and powers come out right"
    elif fact[0] == "entries":
        expected = "entries that differ: at equal ones a wrong axis, or a mean for a sum, may come out right"
    notes.warn(*notes.of_quantity(fact[1]), f"{words} {when}", expected)


def facts(values: Mapping[str, Value]) -> dict[Fact, str]:
    """What is special about the numbers of a point, with a description."""
    found: dict[Fact, str] = {}
    plain: dict[str, Value] = {}
    for name, value in values.items():
        special = _special(value)
        if special is not None:
            found["number", name, special] = f"`{name}` = {special}" if not value.shape else f"`{name}`, all {special},"
        elif value.shape and value.size > 1 and len(set(value.numbers())) == 1:
            found["entries", name] = f"`{name}`, all of whose entries are {number(value.numbers()[0])},"
        else:
            plain[name] = value
    for first, second, form, words in _relations(plain):
        found["pair", first, second, form] = words
    return found


def _special(value: Value) -> str | None:
    """The text "0.0", "1.0" or "-1.0" if all entries have this value, otherwise None."""
    numbers = set(value.numbers())
    if len(numbers) != 1:
        return None
    (only,) = numbers
    return number(only) if only in (0.0, 1.0, -1.0) else None


def _relations(values: Mapping[str, Value]) -> Iterator[tuple[str, str, str, str]]:
    """Pairs of names, the relation between them, and a description with the numbers."""
    order = {name: place for place, name in enumerate(values)}
    by_value: dict[object, list[str]] = {}
    for name, value in values.items():
        by_value.setdefault(_key(value), []).append(name)
    for names in by_value.values():
        for second, first in pairwise(names):
            yield first, second, "=", f"`{first}` = `{second}`{_numbers(values, first)}"
    for second, value in values.items():
        for made, form in _made_of(value):
            for first in by_value.get(_key(Value.of(made, value.shape)), ()):
                if first != second:
                    later, earlier = sorted((first, second), key=order.__getitem__, reverse=True)
                    words = f"`{first}` = {form.format(f'`{second}`')}"
                    yield later, earlier, f"{first}={form}", f"{words}{_numbers(values, first, second)}"


def _made_of(value: Value) -> Iterator[tuple[list[float], str]]:
    """The values that a quantity may be confused with."""
    numbers = value.numbers()
    yield [-one for one in numbers], "-{}"
    if value.shape:
        return
    (only,) = numbers
    if _SMALL < abs(only) < 1 / _SMALL:
        yield [1 / only], "1 / {}"
        yield [only**2], "{}**2"
    for factor in MULTIPLES:
        yield [factor * only], f"{factor} * {{}}"


def _key(value: Value) -> object:
    return value.shape, tuple(format(one + 0.0, f".{DIGITS}e") for one in value.numbers())


def _numbers(values: Mapping[str, Value], *names: str) -> str:
    """The numbers themselves, if they are scalars."""
    if values[names[0]].shape:
        return ""
    return f" ({' and '.join(number(values[name].numbers()[0]) for name in names)})"


def _of_saturation(notes: Notes, saturated: Sequence[Sequence[Saturation]]) -> None:
    given, *probes = [{one.place: one for one in at if one.share > 0.5} for at in saturated]
    expected = "smaller numbers: where the slope is nearly 0, what is multiplied with it hardly shows"
    for place, one in given.items():
        notes.warn(place, "forward", f"`{one.operation}` saturated at the given numbers", expected)
    for place, one in (probes[0] if probes else {}).items():
        if all(place in other for other in probes):
            notes.warn(place, "forward", f"`{one.operation}` saturated at every probe", expected)


def _of_lost_steps(notes: Notes, reference: Reference) -> None:
    """Steps that the tolerance cannot distinguish from 0, although they are not 0."""
    tolerance = notes.exercise.policy.tolerance
    scales = [largest(list(at.values())) for at in reference.values]
    limits = [measure(tolerance, False, scale, frozenset()).atol for scale in scales]
    for step in notes.exercise.steps:
        sizes = [largest([at[step.name]]) for at in reference.values]
        rounding = all(_NOISE[0] * scale < size < _NOISE[1] * scale for size, scale in zip(sizes, scales, strict=True))
        if any(sizes) and not rounding and all(size <= limit for size, limit in zip(sizes, limits, strict=True)):
            words = f"`{step.name}` of at most {number(max(sizes), 3)}, which cannot be told from 0 beside the others"
            notes.warn(*notes.of_quantity(step.name), words, "values of comparable size")


def _of_cancelled_steps(notes: Notes, reference: Reference) -> None:
    """Steps that are 0 only because terms cancel: a student cannot check them by comparison."""
    for step in dict.fromkeys(one.step for one in reference.disturbances):
        words = f"`{step}`, which is 0 at every point only because terms cancel"
        expected = "a step that shows its sign; a typed 0 here, and a wrong sign, are found by feeding it other values"
        notes.warn(*notes.of_quantity(step), words, expected)
