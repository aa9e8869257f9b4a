"""Check whether the points distinguish the mistakes at a step from the right value, and from one another, for a student
without any mistake so far.

The mistakes are the wrong formulas that known misconceptions produce, found backwards from the right formula: every
small edit of it gives a wrong one. If a misconception of the catalogue recognises the inverse edit, a student with that
misconception would have written the wrong formula.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, islice
from typing import Any

from grader.diagnosis.chain_rule.chain import Derivation
from grader.diagnosis.chain_rule.meaning import ScalarMeaning, StudentMeaning, value_of
from grader.diagnosis.chain_rule.numbers import as_number, is_right, shape_of
from grader.diagnosis.recognition.catalogue import catalogue
from grader.diagnosis.recognition.value_patterns import FITTED
from grader.diagnosis.repair_search.edit import Edit, Kind
from grader.diagnosis.repair_search.subtree_edits import reductions, single_edits
from grader.diagnosis.repair_search.subtrees import subtrees
from grader.diagnosis.step.context import Context
from grader.errors import ExerciseError
from grader.exercise.types import NORMAL, Draw, Exercise, Step
from grader.formula.build import NOWHERE
from grader.formula.evaluate import EvaluationError
from grader.formula.syntax import Call, Derivative, Expression, Index, Name, names, statements, text, walk
from grader.judge.evidence import Evidence
from grader.judge.matching.compare import Measure, largest, measure
from grader.judge.matching.naming import names_of
from grader.judge.matching.types import Alignment, Match, Scene
from grader.lint.notes import Notes
from grader.model import Value
from grader.reference.autograd import Graph, to_value, values_at
from grader.reference.points import Point, Reference, draw_points
from grader.runner.types import Sites

CROWD = 24
"""With more names than this, only names near the right formula are substituted for one another."""

MAX_FORMULA_PARTS = 360
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


EXACT_MEASURE = Measure(1e-9, 1e-12)

ROUGH = Measure(1e-3, 1e-9)
"""The tolerance at other numbers, where rounding errors may be large: only values further apart than this differ."""

Values = tuple[Any, ...]


Local = tuple[str, tuple[Value, ...], tuple[str | int, ...]]
"""A misconception of the course: its code, its values at the points, its place in the file."""

Pair = tuple[str, str]

ELSEWHERE = (Draw("uniform", -2.0, 2.0), Draw("uniform", 0.3, 2.0), NORMAL)
"""Ranges for deciding whether two formulas are equal: beyond those of the exercise, which may hide the difference."""

MAX_DERIVATIVE_ENTRIES = 20_000
"""Maximum number of entries of a derivative that is not asked for."""


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
                found = f"a right formula of more than {MAX_FORMULA_PARTS} parts, which no mistakes were tried in"
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
    return next(islice(walk(formula), MAX_FORMULA_PARTS, None), None) is not None


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
        if len(codes) < 2 or codes in told or not _agree(values, others, [EXACT_MEASURE] * len(values)):
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
        same = [other for other, theirs in others if _agree(_numbers(values), theirs, [EXACT_MEASURE] * len(values))]
        for other in dict.fromkeys(same):
            found = f"`{code}` and `{other}` with the same value at every point of `{step.name}`"
            notes.warn(where, f"misconceptions[{where[1]}].wrong", found, "mistakes that can be told apart")


def _numbers(values: Sequence[Value]) -> Values:
    return tuple(map(as_number, values))


class Stage:
    """One point: the values of all names there."""

    def __init__(self, exercise: Exercise, point: Point, values: Mapping[str, Value]) -> None:
        self.exercise = exercise
        self.point = point
        whole = {one.name for one in exercise.inputs if one.whole}
        self.held: dict[str, Any] = {name: as_number(value) for name, value in values.items()}
        for name, value in point.inputs.items():
            self.held[name] = as_number(replace(value, dtype="int") if name in whole else value)

    @cached_property
    def graph(self) -> Graph:
        return Graph(self.exercise, self.point)

    def value(self, formula: Expression) -> Value:
        """The value of a formula over quantities and derivatives. Raises `EvaluationError`."""
        return to_value(self.graph.value(formula))


class IdealContext:
    """The context of all steps. `stages` are the points of the reference. `parts`: for each step that is a plain
    derivative, its two quantities; `own`: derivatives that are not asked for but needed in a right formula, by a
    generated name."""

    def __init__(self, exercise: Exercise, reference: Reference) -> None:
        self.exercise = exercise
        self.reference = reference
        self.parts = {step.name: pair for step in exercise.steps if (pair := pair_of(step)) is not None}
        self.asked = {pair: name for name, pair in reversed(self.parts.items())}
        points = zip(reference.points, reference.values, strict=True)
        self.stages = [Stage(exercise, point, values) for point, values in points]
        self.own: dict[str, Derivative] = {}

    @cached_property
    def derivation(self) -> Derivation:
        return Derivation(self.exercise, self.reference, self.measures)

    @cached_property
    def together(self) -> tuple[frozenset[str], ...]:
        """The names in each statement, including the assigned one."""
        return tuple(frozenset({one.name, *names(one.value)}) for one in statements(self.exercise.program))

    @cached_property
    def meaning(self) -> StudentMeaning:
        if not any(shape_of(value) for value in self.stages[0].held.values()):
            return ScalarMeaning()
        from grader.diagnosis.chain_rule.arithmetic import NumpyMeaning

        return NumpyMeaning()

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        tolerance = self.exercise.policy.tolerance
        return tuple(measure(tolerance, False, largest([*at.values()]), frozenset()) for at in self.reference.values)

    @cached_property
    def elsewhere(self) -> tuple[Mapping[str, Any], ...]:
        """The values of the names at further points from other ranges; only points where everything is finite."""
        made = []
        for draw in ELSEWHERE:
            inputs = tuple(one if one.fixed or one.whole else replace(one, probe=draw) for one in self.exercise.inputs)
            wider = replace(self.exercise, inputs=inputs)
            for point in draw_points(wider, "elsewhere")[1:]:
                try:
                    stage = Stage(self.exercise, point, values_at(wider, point))
                    self._derive(stage)
                except (ExerciseError, EvaluationError, RuntimeError, ValueError):
                    continue
                if all(map(is_finite, stage.held.values())):
                    made.append(stage.held)
        return tuple(made)

    def _derive(self, stage: Stage) -> None:
        for name, node in self.own.items():
            if name not in stage.held:
                stage.held[name] = as_number(stage.value(node))

    def value(self, formula: Expression, held: Mapping[str, Any]) -> Any:
        """The value of a formula for the given values of the names; None if it has none."""
        return value_of(formula, held, self.meaning)

    def values(self, formula: Expression) -> tuple[Any, ...]:
        """The value of a formula at every point."""
        return tuple(self.value(formula, stage.held) for stage in self.stages)

    def shape(self, formula: Expression) -> tuple[int, ...] | None:
        value = self.value(formula, self.stages[0].held)
        return None if value is None else shape_of(value)

    def derivative(self, of: Expression, by: Expression) -> str:
        """The name of d(of)/d(by): that of a step, or a generated one. Raises `ValueError` if it is too large."""
        pair = text(of), text(by)
        if pair in self.asked:
            return self.asked[pair]
        name = f"d({pair[0]})/d({pair[1]})"
        if name not in self.own:
            sizes = [math.prod(shape_of(self.stages[0].held.get(one, 0.0))) for one in pair]
            if min(sizes) > 1 or max(sizes) > MAX_DERIVATIVE_ENTRIES:
                raise ValueError("too large")
            self.own[name] = Derivative(of, by, None, False, NOWHERE)
            for stage in self.stages:
                self._derive(stage)
        return name

    def right_formula(self, step: Step) -> Expression | None:
        """A formula over names that has the step's value at every point; None if no such formula can be written."""
        rule = self.derivation.rule(step)
        if rule is None or not rule.known:
            return None
        try:
            whole, *others = [self._in_names(term.value) for term in rule.terms]
        except (EvaluationError, RuntimeError, ValueError):
            return None
        for other in others:
            whole = Call("add", (whole, other), (), NOWHERE)
        return whole if all(map(is_right, self.values(whole), self._right(step), self.measures)) else None

    def _in_names(self, node: Expression) -> Expression:
        """The same formula with derivatives and elements replaced by names, and every node a separate object: edits are
        distinguished by identity."""
        match node:
            case Derivative(of=of, by=by):
                return Name(self.derivative(of, by), NOWHERE)
            case Index() if text(node) in self.stages[0].held:
                return Name(text(node), NOWHERE)
            case Index(base=base):
                return replace(node, base=self._in_names(base))
            case Call(arguments=arguments):
                return replace(node, arguments=tuple(map(self._in_names, arguments)), place=NOWHERE)
            case _:
                return replace(node, place=NOWHERE)

    def _right(self, step: Step) -> tuple[Any, ...]:
        return tuple(stage.held[step.name] for stage in self.stages)

    def context(self, step: Step) -> Context:
        """The diagnosis context of this step, in which all names are those of the exercise."""
        held = tuple({n: v for n, v in stage.held.items() if n != step.name} for stage in self.stages)
        matches = {n: Match(n, n, "name", ()) for n in held[0] if n not in self.own}
        scene = Scene(self.exercise, self.reference, names_of(self.exercise), Sites(()), self.measures, ())
        evidence = Evidence(scene, Alignment(matches), (), (), {}, {})
        return Context(evidence, held, self.derivation, step, self._right(step))


def pair_of(step: Step) -> Pair | None:
    """The two quantities of a step that is a total derivative; None for other steps."""
    match step.quantity:
        case Derivative(of=Name() | Index() as of, by=Name() | Index() as by, via=None, partial=False):
            return text(of), text(by)
    return None


def is_finite(value: Any) -> bool:
    """Whether a number, or every entry of an array, is finite."""
    if hasattr(value, "size"):
        import numpy

        return bool(numpy.isfinite(value).all())
    return math.isfinite(value)
