"""Check whether the points distinguish the mistakes at a step from the right value, and from one another.

The mistakes are the wrong formulas that known misconceptions produce, found backwards from the right formula: every
small edit of it gives a wrong one. If a misconception of the catalogue recognises the inverse edit, a student with that
misconception would have written the wrong formula.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Any

from grader.diagnosis.chain_rule.numbers import as_number, is_right, shape_of
from grader.diagnosis.recognition.catalogue import catalogue
from grader.diagnosis.recognition.value_patterns import FITTED
from grader.diagnosis.repair_search.edits import Edit, Kind, reductions, single_edits, subtrees
from grader.diagnosis.step.context import Context
from grader.exercise.types import Step
from grader.formula.evaluate import EvaluationError
from grader.formula.syntax import Call, Expression, Name, names, text, walk
from grader.judge.matching.compare import Measure
from grader.lint.ideal_context import IdealContext, is_finite
from grader.lint.notes import Notes
from grader.model import Value
from grader.reference.types import Reference

CROWD = 24
"""With more names than this, only names near the right formula are substituted for one another."""

LONGEST = 360
"""A right formula of more parts than this is not tried with mistakes: nobody writes it as one line, and the time for it
grows with the square of its length. The longest one of the shipped exercises has 82."""

_UNDONE: dict[Kind, tuple[Kind, ...]] = {
    **{kind: (kind,) for kind in (
        "operand", "constant", "power", "sign", "operator", "order", "function", "transpose", "reduction", "index",
    )},
    "extra_factor": ("missing_factor",),
    "missing_factor": ("extra_factor",),
    "extra_term": ("missing_term", "missing_product", "complement"),
    "missing_term": ("extra_term",),
    "complement": ("extra_term",),
}  # fmt: skip
"""For each kind of edit, the kinds of its inverse."""


@dataclass(frozen=True, slots=True)
class WrongFormula:
    """A wrong formula for a step, and the misconception that leads to it."""

    code: str
    formula: Expression

    @property
    def written(self) -> str:
        return text(self.formula)


def mistakes(scenery: IdealContext, context: Context, right: Expression) -> tuple[WrongFormula, ...]:
    """The wrong formulas that the catalogue's misconceptions produce from the right formula of a step."""
    found: dict[tuple[str, str], WrongFormula] = {}
    near = _near(scenery, context, right)
    factors = tuple(one for one in context.factors if names(one) <= near)
    swaps = tuple(name for name in context.swaps if name in near)
    for edit in _changes(scenery, right, swaps, factors):
        for back in undone(edit):
            for rule in catalogue():
                if rule.recognises(back, context):
                    found.setdefault((rule.code, text(edit.whole_after)), WrongFormula(rule.code, edit.whole_after))
    return tuple(found.values())


def _near(scenery: IdealContext, context: Context, right: Expression) -> frozenset[str]:
    """The names in the formula, in statements that share a name with it, and in steps between; all, if few."""
    everything = frozenset(context.shared)
    if len(everything) <= CROWD:
        return everything
    own = {base_of(part) for name in names(right) for part in (name, *scenery.parts.get(name, ()))}
    near = own.union(*(around for around in scenery.together if around & own))
    near |= {name for name, (_, by) in scenery.parts.items() if base_of(by) in own}
    return frozenset(name for name in everything if name in near or name in names(right) or base_of(name) in near)


def base_of(name: str) -> str:
    """The base of an element: `h` for `h[2]`."""
    return name.partition("[")[0]


def _changes(
    scenery: IdealContext, right: Expression, swaps: Sequence[str], factors: Sequence[Expression]
) -> Iterator[Edit]:
    yield from single_edits(right, swaps, factors)
    if any(scenery.shape(Name(name, right.place)) for name in names(right)):
        for node, rebuild in subtrees(right):
            if isinstance(node, Name | Call):
                # Sums over one of two axes, and transposes, tell enough of how an exercise distinguishes mistakes.
                yield from (Edit(kind, node, after, right, rebuild) for kind, after in reductions(node, 2))


def undone(edit: Edit) -> Iterator[Edit]:
    """The edits from the wrong formula back to the right one."""
    for kind in _UNDONE.get(edit.kind, ()):
        if kind == "missing_product" and not _is_product_added(edit):
            continue
        if kind == "complement" and not _is_one_minus(edit.before, edit.after):
            continue
        yield Edit(kind, edit.after, edit.before, edit.whole_after, lambda _: edit.whole_before)


def _is_product_added(edit: Edit) -> bool:
    match edit.before:
        case Call("add", (_, Call("mul", (Name(), Name())) as product)):
            return edit.after is not product
    return False


def _is_one_minus(node: Expression, inner: Expression) -> bool:
    return isinstance(node, Call) and node.operation == "sub" and node.arguments[1] is inner


EXACT = Measure(1e-9, 1e-12)
ROUGH = Measure(1e-3, 1e-9)
"""The tolerance at other numbers, where rounding errors may be large: only values further apart than this differ."""

Values = tuple[Any, ...]


def examine_mistakes(notes: Notes, reference: Reference) -> None:
    """Refuse points at which a known mistake has the right value; warn of different mistakes with the same value."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scenery = IdealContext(notes.exercise, reference)
        local = _of_the_course(notes, scenery)
        for step in notes.exercise.steps:
            right = scenery.right_formula(step)
            known: list[tuple[WrongFormula, Values]] = []
            if right is not None and _is_long(right):
                found = f"a right formula of more than {LONGEST} parts, which no mistakes were tried in"
                notes.warn(*notes.of_quantity(step.name), found, "names in `forward` for what it is made of")
            elif right is not None:
                known = [(one, scenery.values(one.formula)) for one in mistakes(scenery, scenery.context(step), right)]
                known = [one for one in known if _is_seen_as_value(one[1], scenery, step)]
                unseen = [one for one in known if _agree(one[1][1:], scenery.values(right)[1:], scenery.measures[1:])]
                _from_the_truth(notes, scenery, step, right, [mistake for mistake, _ in unseen])
                _from_one_another(
                    notes, scenery, step, [one for one in known if not any(one is other for other in unseen)]
                )
            _local_from_others(notes, step, local.get(step.name, ()), known)


def _is_long(formula: Expression) -> bool:
    return next(islice(walk(formula), LONGEST, None), None) is not None


def _is_seen_as_value(values: Values, scenery: IdealContext, step: Step) -> bool:
    """Whether all values exist and have the right shape: other mistakes are recognised at any numbers."""
    right = scenery.stages[0].held[step.name]
    return all(one is not None and shape_of(one) == shape_of(right) for one in values)


def _from_the_truth(
    notes: Notes, scenery: IdealContext, step: Step, right: Expression, unseen: Sequence[WrongFormula]
) -> None:
    """Refuse mistakes that have the right value at every probe, except those that have it at all numbers: these are not
    mistakes in this exercise."""
    told: set[str] = set()
    for mistake in unseen:
        if mistake.code in told or not _differ_elsewhere(scenery, mistake.formula, right):
            continue
        told.add(mistake.code)
        found = f"`{mistake.written}`, which is `{mistake.code}` and has the right value at every probe"
        where, field = notes.of_quantity(step.name)
        notes.refuse("unseen", where, field, found, "probes at which it is wrong, drawn from another range")


def _from_one_another(
    notes: Notes, scenery: IdealContext, step: Step, known: Sequence[tuple[WrongFormula, Values]]
) -> None:
    told: set[frozenset[str]] = set()
    for (one, values), (other, others) in combinations(known, 2):
        codes = frozenset((one.code, other.code))
        if len(codes) < 2 or codes in told or not _agree(values, others, [EXACT] * len(values)):
            continue
        if _differ_elsewhere(scenery, one.formula, other.formula):
            told.add(codes)
            both = f"`{one.written}` (`{one.code}`) and `{other.written}` (`{other.code}`)"
            found = f"{both} with the same value at every point"
            notes.warn(*notes.of_quantity(step.name), found, "points that tell the two apart")


def _agree(values: Sequence[Any], others: Sequence[Any], measures: Sequence[Measure]) -> bool:
    return all(map(is_right, values, others, measures))


def _differ_elsewhere(scenery: IdealContext, formula: Expression, other: Expression) -> bool:
    """Whether two formulas have different values at some numbers."""
    for held in scenery.elsewhere:
        value, another = scenery.value(formula, held), scenery.value(other, held)
        if value is None or another is None or not (is_finite(value) and is_finite(another)):
            continue
        if not is_right(value, another, ROUGH):
            return True
    return False


Local = tuple[str, tuple[Value, ...], tuple[str | int, ...]]
"""A misconception of the course: its code, its values at the points, its place in the file."""


def _of_the_course(notes: Notes, scenery: IdealContext) -> dict[str, list[Local]]:
    """The course's own misconceptions by step; those that cannot be evaluated or have the right value are refused."""
    made: dict[str, list[Local]] = {}
    for number, one in enumerate(notes.exercise.policy.misconceptions):
        where: tuple[str | int, ...] = ("misconceptions", number, "wrong")
        field, written = f"misconceptions[{number}].wrong", text(one.wrong)
        try:
            values = tuple(stage.value(one.wrong) for stage in scenery.stages)
        except (EvaluationError, RuntimeError, TypeError, ValueError) as error:
            notes.refuse(None, where, field, f"`{written}`: {error}", "a formula that has a value")
            continue
        right = [at[one.step] for at in scenery.reference.values]
        if _agree(_numbers(values[1:]), _numbers(right[1:]), scenery.measures[1:]):
            found = f"`{written}`, which has the right value of `{one.step}` at every probe"
            notes.refuse(None, where, field, found, "a formula that is wrong")
            continue
        made.setdefault(one.step, []).append((one.code, values, where))
    return made


def _local_from_others(
    notes: Notes, step: Step, local: Sequence[Local], known: Sequence[tuple[WrongFormula, Values]]
) -> None:
    # A name of the author's own is better than one that fits whatever multiple of a term there is.
    everything = [(one.code, values) for one, values in known if one.code not in FITTED]
    built_in = len(everything)
    everything += [(code, _numbers(values)) for code, values, _ in local]
    for number, (code, values, where) in enumerate(local):
        others = everything[: built_in + number]
        same = [other for other, theirs in others if _agree(_numbers(values), theirs, [EXACT] * len(values))]
        for other in dict.fromkeys(same):
            found = f"`{code}` and `{other}` with the same value at every point of `{step.name}`"
            notes.warn(where, f"misconceptions[{where[1]}].wrong", found, "mistakes that can be told apart")


def _numbers(values: Sequence[Value]) -> Values:
    return tuple(map(as_number, values))
