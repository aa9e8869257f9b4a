"""What a wrong value shows by itself, without the line it came from: facts that hold at every point, never a guess.

This is all there is to say where the expression cannot be read; where no repair is proven it still points the way.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from grader.diagnosis.catalogue import catalogue
from grader.diagnosis.chain import Derivation
from grader.diagnosis.finding import Finding
from grader.diagnosis.numbers import alike, as_number, is_right, is_zero, shape_of
from grader.diagnosis.rule import Rule
from grader.exercise.types import Step
from grader.formula.syntax import Expression, text


def predicted(derivation: Derivation, rule: Rule | None, own: Sequence[Any], facts: Finding) -> Finding:
    """The facts under the name of the one misconception that predicts these very values; as they are otherwise."""
    if rule is None or not rule.known or any(value is None for value in own) or all(map(is_zero, own)):
        return facts
    fitting = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for known in catalogue():
            if any(_gives(derivation, formula, own) for formula in known.predicts(rule)):
                fitting[known.code] = known
    if len(fitting) != 1:
        return facts
    (known,) = fitting.values()
    diagnosis = replace(facts.diagnosis, code=known.code, message=known.what, confidence="likely")
    return replace(facts, diagnosis=diagnosis)


def _gives(derivation: Derivation, formula: Expression, own: Sequence[Any]) -> bool:
    for k, mine in enumerate(own):
        value = derivation.value(formula, k)
        if value is None or not is_right(mine, value, derivation.measures[k]):
            return False
    return True


NAMED_RATIOS = {
    -1.0: "the right value with the opposite sign",
    2.0: "twice the right value",
    0.5: "half the right value",
}


@dataclass(frozen=True, slots=True)
class _Sight:
    """A step's values at all points, the student's and autograd's."""

    derivation: Derivation
    step: Step
    own: Sequence[Any]
    right: Sequence[Any]

    def everywhere(self, claim: Callable[[Any, Any, int], Any]) -> bool:
        """Whether the student's values are, at every point, what `claim` makes of the right ones."""
        for k, (own, right) in enumerate(zip(self.own, self.right, strict=True)):
            try:
                claimed = claim(own, right, k)
            except (ValueError, TypeError, ArithmeticError):
                return False
            if claimed is None or not is_right(own, claimed, self.derivation.measures[k]):
                return False
        return True


def described(derivation: Derivation, step: Step, own: Sequence[Any]) -> str | None:
    """One fact about values that are wrong; None where none of those looked for holds."""
    right = tuple(as_number(at[step.name]) for at in derivation.reference.values)
    if len(own) < 2 or any(value is None for value in own) or all(is_zero(value) for value in own):
        return None
    sight = _Sight(derivation, step, own, right)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a division by 0 is a claim that does not hold
        return next((fact for look in (_shapes, _ratio, _others, _terms) for fact in look(sight)), None)


def _shapes(sight: _Sight) -> Iterator[str]:
    own, right = shape_of(sight.own[0]), shape_of(sight.right[0])
    if len(own) == len(right) == 2 and sight.everywhere(lambda mine, value, k: value.T):
        yield "It is the right value transposed."
    if own == right or len(own) <= len(right):
        return
    for axis in range(len(own)):
        for word in ("sum", "mean"):
            if all(
                is_right(getattr(mine, word)(axis=axis), value, sight.derivation.measures[k])
                for k, (mine, value) in enumerate(zip(sight.own, sight.right, strict=True))
            ):
                yield f"Its {word} over axis {axis} is right."


def _ratio(sight: _Sight) -> Iterator[str]:
    """The same multiple of the right value at every point."""
    if shape_of(sight.own[0]) != shape_of(sight.right[0]):
        return
    ratios = [_quotient(mine, value) for mine, value in zip(sight.own, sight.right, strict=True)]
    known = [ratio for ratio in ratios if ratio is not None]
    if len(known) < 2 or len(known) < len(ratios) or not all(alike(one, known[0]) for one in known):
        return
    ratio = known[0]
    if not sight.everywhere(lambda mine, value, k: value * ratio):
        return
    for number, words in NAMED_RATIOS.items():
        if alike(ratio, number):
            yield f"It is {words}, at every point."
            return
    for count, words in _counts(sight.derivation):
        if alike(ratio, float(count)):
            yield f"It is {count} times the right value at every point, and {words}."
            return
        if alike(ratio, 1 / count):
            yield f"It is the right value divided by {count} at every point, and {words}."
            return
    yield f"It is {ratio:.6g} times the right value at every point."


def _quotient(own: Any, right: Any) -> float | None:
    """k where `own` is k times `right`."""
    if not shape_of(own):
        return own / right if right else None
    total = float((right * right).sum())
    return float((own * right).sum()) / total if total else None


def _counts(derivation: Derivation) -> Iterator[tuple[int, str]]:
    """Whole numbers above 2 that mean something in this exercise."""
    point = derivation.reference.points[0].inputs
    for one in derivation.exercise.inputs:
        if one.whole and one.fixed and not one.shape and (value := int(point[one.name].numbers()[0])) > 2:
            yield value, f"`{one.name}` is {value}"
    for one in derivation.exercise.inputs:
        for axis, size in enumerate(one.shape):
            if size > 2:
                yield size, f"`{one.name}` has {size} entries along axis {axis}"


def _others(sight: _Sight) -> Iterator[str]:
    """The value of another quantity, or the right value times one."""
    found = list(_known(sight))
    for name, values in found:
        if sight.everywhere(lambda mine, value, k, values=values: values[k]):  # type: ignore[misc]
            yield f"It is the value of {name}."
            return
    for name, values in found:
        if all(is_zero(value - 1) for value in values):
            continue
        if sight.everywhere(lambda mine, value, k, values=values: value * values[k]):  # type: ignore[misc]
            yield f"It is the right value times {name}."
            return
        if sight.everywhere(lambda mine, value, k, values=values: value / values[k]):  # type: ignore[misc]
            yield f"It is the right value divided by {name}."
            return


def _known(sight: _Sight) -> Iterator[tuple[str, list[Any]]]:
    """Inputs, forward quantities and other steps, by the words for them, with what they are worth."""
    derivation = sight.derivation
    reference = derivation.reference
    for one in derivation.exercise.inputs:
        if not one.fixed:
            yield f"`{one.name}`", [as_number(point.inputs[one.name]) for point in reference.points]
    for step in derivation.exercise.forward_steps:
        yield f"`{step.name}`", [as_number(at[step.name]) for at in reference.values]
    for step in derivation.exercise.steps:
        if step.name != sight.step.name:
            yield step.text, [as_number(at[step.name]) for at in reference.values]


def _terms(sight: _Sight) -> Iterator[str]:
    """A summand of the chain rule that is missing, counted twice or subtracted; or one factor of the only one."""
    rule = sight.derivation.rule(sight.step)
    if rule is None or not rule.known:
        return
    worth = [(term, [sight.derivation.value(term.value, k) for k in range(len(sight.own))]) for term in rule.terms]
    if len(worth) > 1:
        for term, values in worth:
            path = f"the part that goes through `{text(term.through)}`"
            if any(value is None or is_zero(value) for value in values):
                continue
            if sight.everywhere(lambda mine, value, k, values=values: value - values[k]):  # type: ignore[misc]
                yield f"It lacks exactly {path}."
            elif sight.everywhere(lambda mine, value, k, values=values: value + values[k]):  # type: ignore[misc]
                yield f"It has {path} twice."
            elif sight.everywhere(lambda mine, value, k, values=values: value - 2 * values[k]):  # type: ignore[misc]
                yield f"It has {path} with the opposite sign."
        return
    (term, values) = worth[0]
    if term.upstream is None:
        return
    above = [sight.derivation.derivative(term.upstream, k) for k in range(len(sight.own))]
    if all(value is not None for value in above):
        if sight.everywhere(lambda mine, value, k: above[k]):
            yield f"It is {text(term.upstream)} alone: what `{text(term.through)}` does with it is left out."
        elif sight.everywhere(lambda mine, value, k: values[k] / above[k]):
            yield f"It is the local derivative alone: it is not multiplied by {text(term.upstream)}."
