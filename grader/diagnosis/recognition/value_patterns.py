"""Facts about a wrong value that need only the value, not its line; each holds at every point and is no guess.

They are the whole diagnosis if the expression cannot be read, and still a hint if no repair is proven.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import prod
from typing import Any

from grader.diagnosis.chain_rule.chain import Derivation
from grader.diagnosis.chain_rule.numbers import Numeric, alike, as_number, is_array, is_right, is_zero, shape_of
from grader.diagnosis.chain_rule.rule import Rule, total_of
from grader.diagnosis.finding import Finding
from grader.diagnosis.recognition.catalogue import Misconception, by_code, catalogue
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_words import CUT
from grader.exercise.types import Step
from grader.formula.build import NOWHERE, number
from grader.formula.syntax import Call, Derivative, Expression, Name, Number, text
from grader.model import Diagnosis


def predicted(derivation: Derivation, rule: Rule | None, own: Sequence[Any], facts: Finding) -> Finding:
    """Return the facts, named after the misconception that predicts the student's values if exactly one does."""
    if rule is None or not rule.known or not _tell(own):
        return facts
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitting = [known for known in catalogue() if _predicts(derivation, rule, own, known)]
    return _named(facts, fitting[0]) if len(fitting) == 1 else facts


GENERAL = frozenset({"branch-contribution-missing", "shared-weight-contribution-missing"})
"""Misconceptions that fit any missing part; used only if no more specific one fits."""


def shown(derivation: Derivation, step: Step, own: Sequence[Any], finding: Finding, in_loop: bool) -> Finding:
    """Return the finding, named after the one misconception that has the student's values, if it had no name or only an
    uncertain general one. A certain name becomes "likely" if another misconception has the same values."""
    if not _tell(own):
        return finding
    step_values = StepValues(derivation, step, own, _right(derivation, step), derivation.rule(step), in_loop)
    fitting = _fitting(step_values)
    code, confidence = finding.diagnosis.code, finding.diagnosis.confidence
    if confidence == "certain" and fitting - {code}:
        return replace(finding, diagnosis=replace(finding.diagnosis, confidence="likely"))
    if code is not None and (confidence == "certain" or code not in GENERAL):
        return finding
    known = by_code(*fitting) if len(fitting) == 1 else None
    if known is None or _says_otherwise(finding, known) or (known.code in FITTED and _is_explained(step_values)):
        return finding
    return _named(finding, known)


FITTED = frozenset({"summand-constant-wrong", "updated-value-used"})
"""Misconceptions with a constant that is chosen to fit the values; used only if nothing simpler fits."""


def _is_explained(step_values: StepValues) -> bool:
    """Whether the values are a multiple of the right ones, or those of another quantity."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return any(True for look in (_ratio, _others) for _ in look(step_values))


def _fitting(step_values: StepValues) -> frozenset[str]:
    """Return the codes of all misconceptions that have these values; empty unless one of them is recognised by values
    alone (`fits_values`)."""
    rule, own = step_values.rule, step_values.own
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {known.code for known in catalogue() if known.fits_values(step_values)}
        if found and rule is not None and rule.known:
            others = (known for known in catalogue() if known.code not in GENERAL)
            found |= {known.code for known in others if _predicts(step_values.derivation, rule, own, known)}
    return frozenset(found)


_SIGNS = frozenset({"sign-flipped", "contribution-subtracted"})
_KINDS = {
    **dict.fromkeys(("operator", "order", "sign", "power"), _SIGNS),
    "constant": frozenset({"summand-constant-wrong"}),
    "extra_term": _SIGNS | {"updated-value-used"},
}
"""The misconceptions known by values that go with a small repair of this kind; other kinds go with any."""


def _says_otherwise(finding: Finding, known: Misconception) -> bool:
    """Whether the proven repair changes something else than the misconception names: existing code where something is
    missing, an operator where a slope is another function's, anything small where a value was updated too early."""
    if finding.diagnosis.message == CUT:
        return True
    if finding.text is None or finding.rewritten:
        return False
    if known.code == "updated-value-used" and finding.kind != "extra_term":
        return True
    if known.code.endswith("missing") and not finding.adds:
        return True
    return finding.kind in _KINDS and known.code not in _KINDS[finding.kind]


def _named(finding: Finding, known: Misconception) -> Finding:
    """Return the finding with the misconception's code and message, also in its facts, which remain if the repair is
    later rejected."""

    def named(diagnosis: Diagnosis) -> Diagnosis:
        return replace(diagnosis, code=known.code, message=known.what, confidence="likely")

    return replace(finding, diagnosis=named(finding.diagnosis), facts=finding.facts and named(finding.facts))


def _tell(own: Sequence[Any]) -> bool:
    """Whether there is a value at every point, and not all values are 0."""
    return not (any(value is None for value in own) or all(map(is_zero, own)))


def _right(derivation: Derivation, step: Step) -> tuple[Numeric, ...]:
    return tuple(as_number(at[step.name]) for at in derivation.reference.values)


def _predicts(derivation: Derivation, rule: Rule, own: Sequence[Any], known: Misconception) -> bool:
    if known.code in GENERAL and isinstance(rule.of, Derivative):
        return False  # what a second derivative lacks is no use of an input
    return any(_gives(derivation, formula, own) for formula in known.predicts(rule))


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

LISTED = 3
"""How many entries, rows or columns are listed one by one, at most."""


def described(derivation: Derivation, step: Step, own: Sequence[Any]) -> str | None:
    """Return one fact about wrong values; None if none of the known ones holds."""
    if len(own) < 2 or not _tell(own):
        return None
    step_values = StepValues(derivation, step, own, _right(derivation, step), derivation.rule(step))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fact whose check divides by 0 does not hold
        looks = (_shapes, _ratio, _others, _axis, _terms, _entries, _sizes)
        return next((fact for look in looks for fact in look(step_values)), None)


def _shapes(step_values: StepValues) -> Iterator[str]:
    own, right = shape_of(step_values.own[0]), shape_of(step_values.right[0])
    if len(own) == len(right) == 2 and step_values.everywhere(
        lambda mine, value, k: value.T if is_array(value) else None
    ):
        yield "It is the right value transposed."
    if own == right or len(own) <= len(right):
        return
    for axis in range(len(own)):
        for word in ("sum", "mean"):
            if all(
                is_right(getattr(mine, word)(axis=axis), value, step_values.derivation.measures[k])
                for k, (mine, value) in enumerate(zip(step_values.own, step_values.right, strict=True))
            ):
                yield f"Its {word} over axis {axis} is right."


ROUNDING = 1e-12
"""A value this many times smaller than the right one is 0, but for rounding."""


def _ratio(step_values: StepValues) -> Iterator[str]:
    """Yield the fact that the value is the same multiple of the right value at every point."""
    if any(shape_of(mine) != shape_of(value) for mine, value in zip(step_values.own, step_values.right, strict=True)):
        return
    ratios = [_quotient(mine, value) for mine, value in zip(step_values.own, step_values.right, strict=True)]
    known = [ratio for ratio in ratios if ratio is not None]
    if len(known) < 2 or len(known) < len(ratios) or not all(alike(one, known[0]) for one in known):
        return
    ratio = known[0]
    if abs(ratio) < ROUNDING or not step_values.equals_right_times(ratio):
        return
    for known_ratio, words in NAMED_RATIOS.items():
        if alike(ratio, known_ratio):
            yield f"It is {words}, at every point."
            return
    for count, words in _counts(step_values.derivation):
        if alike(ratio, float(count)):
            yield f"It is {count} times the right value at every point, and {words}."
            return
        if alike(ratio, 1 / count):
            yield f"It is the right value divided by {count} at every point, and {words}."
            return
    yield f"It is {ratio:.6g} times the right value at every point."


def _quotient(own: Any, right: Any) -> float | None:
    """Return the k that makes k times `right` closest to `own` (least squares); None if `right` is 0."""
    if not shape_of(own):
        return own / right if right else None
    total = float((right * right).sum())
    return float((own * right).sum()) / total if total else None


def _axis(step_values: StepValues) -> Iterator[str]:
    """Yield the fact that the right sum was taken over another axis."""
    match step_values.written_out:
        case Call("sum", (inner,), options) if isinstance(axis := dict(options).get("dim"), Number):
            for other in range(len(step_values.derivation.shape(inner) or ())):
                instead = tuple((key, number(other) if key == "dim" else one) for key, one in options)
                if other != axis.value and step_values.is_worth(Call("sum", (inner,), instead, NOWHERE)):
                    yield f"It is summed over axis {other}; the sum over axis {axis.value} is right."


def _entries(step_values: StepValues) -> Iterator[str]:
    """Yield the wrong entries, if they are few and at most half of all."""
    shape = shape_of(step_values.right[0])
    if not shape or any(shape_of(mine) != shape for mine in step_values.own):
        return
    own, rights = ([one for one in each if is_array(one)] for each in (step_values.own, step_values.right))
    wrong = [
        abs(mine - value) > by.rtol * abs(value).max() + by.atol
        for mine, value, by in zip(own, rights, step_values.derivation.measures, strict=True)
    ]
    somewhere = sum(wrong[1:], wrong[0]).nonzero()
    places = [tuple(int(one) for one in place) for place in zip(*somewhere, strict=True)]
    told = _places_told(places, shape)
    if not told or 2 * len(places) > prod(shape):
        return
    zero = all(not mine[place] for mine in own for place in places)
    yield f"It is right but for {told}" + (", where it is 0." if zero else ".")


def _places_told(places: Sequence[tuple[int, ...]], shape: tuple[int, ...]) -> str:
    """Return entries in words: one by one, or as whole rows or columns; "" if they are too many."""
    if len(places) <= LISTED:
        named = [f"[{', '.join(map(str, place))}]" for place in places]
        return f"the entr{'y' if len(named) == 1 else 'ies'} {' and '.join(named)}" if named else ""
    for axis, word in enumerate(("row", "column")) if len(shape) == 2 else ():
        lines = sorted({place[axis] for place in places})
        if len(places) == len(lines) * shape[1 - axis] and len(lines) <= LISTED:
            return f"{word}{'' if len(lines) == 1 else 's'} {' and '.join(map(str, lines))}"
    return ""


def _sizes(step_values: StepValues) -> Iterator[str]:
    """Yield both shapes in words if they differ by more than axes of length 1."""
    own, right = shape_of(step_values.own[0]), shape_of(step_values.right[0])
    if tuple(one for one in own if one != 1) != tuple(one for one in right if one != 1):
        yield f"It is {_shape_told(own)}; {_shape_told(right)} is needed."


def _shape_told(shape: tuple[int, ...]) -> str:
    match shape:
        case ():
            return "one number"
        case (size,):
            return f"a vector of {size}"
        case (rows, columns):
            return f"a matrix of {rows} row{'' if rows == 1 else 's'} and {columns} column{'' if columns == 1 else 's'}"
        case _:
            return f"an array of {' x '.join(map(str, shape))}"


def _counts(derivation: Derivation) -> Iterator[tuple[int, str]]:
    """Yield integers above 2 that mean something in this exercise, each with its meaning in words."""
    point = derivation.reference.points[0].inputs
    for one in derivation.exercise.inputs:
        if one.whole and one.fixed and not one.shape and (value := int(point[one.name].numbers()[0])) > 2:
            yield value, f"`{one.name}` is {value}"
    for one in derivation.exercise.inputs:
        for axis, size in enumerate(one.shape):
            if size > 2:
                yield size, f"`{one.name}` has {size} entries along axis {axis}"
    for one in derivation.exercise.inputs:
        if len(one.shape) > 1:
            yield prod(one.shape), f"`{one.name}` has {prod(one.shape)} entries"


def _others(step_values: StepValues) -> Iterator[str]:
    """Yield the fact that the value is that of another quantity, or the right value times or divided by one."""
    found = list(_known(step_values))
    for name, values in found:
        if step_values.equals(values):
            yield f"It is the value of {name}."
            return
    for name, values in found:
        if all(is_zero(value - 1) for value in values):
            continue
        if step_values.equals_right_times(values):
            yield f"It is the right value times {name}."
            return
        if step_values.equals_right_over(values):
            yield f"It is the right value divided by {name}."
            return


def _known(step_values: StepValues) -> Iterator[tuple[str, list[Numeric]]]:
    """Yield inputs, forward quantities, other steps and upstream derivatives: the words for each, and its values."""
    derivation = step_values.derivation
    reference = derivation.reference
    for one in derivation.exercise.inputs:
        if not one.fixed:
            yield f"`{one.name}`", [as_number(point.inputs[one.name]) for point in reference.points]
    for step in derivation.exercise.forward_steps:
        yield f"`{step.name}`", [as_number(at[step.name]) for at in reference.values]
    for step in derivation.exercise.steps:
        if step.name != step_values.step.name:
            yield step.text, [as_number(at[step.name]) for at in reference.values]
    if step_values.pair is None:
        return
    of, _ = step_values.pair
    for step in derivation.exercise.forward_steps:
        passed = total_of(of, Name(step.name, NOWHERE))
        if step.family is None and derivation.depends(of, passed.by) and not derivation.is_asked(of, passed.by):
            values = [derivation.derivative(passed, k) for k in step_values.points]
            if not any(value is None for value in values):
                yield text(passed), values


def _terms(step_values: StepValues) -> Iterator[str]:
    """Yield a chain rule term that is missing, doubled, subtracted or scaled; or a factor missing from a single one."""
    rule = step_values.derivation.rule(step_values.step)
    if rule is None or not rule.known:
        return
    worth = [
        (term, [step_values.derivation.value(term.value, k) for k in range(len(step_values.own))])
        for term in rule.terms
    ]
    if len(worth) > 1:
        for term, values in worth:
            path = f"the part that goes through `{text(term.through)}`"
            if any(value is None or is_zero(value) for value in values):
                continue
            if step_values.equals_right_plus(-1, values):
                yield f"It lacks exactly {path}."
            elif step_values.equals_right_plus(1, values):
                yield f"It has {path} twice."
            elif step_values.equals_right_plus(-2, values):
                yield f"It has {path} with the opposite sign."
            elif (ratio := _part(step_values, values)) is not None:
                yield f"It has {path} {ratio:.6g} times."
        return
    (term, values) = worth[0]
    if term.upstream is None:
        return
    above = [step_values.derivation.derivative(term.upstream, k) for k in range(len(step_values.own))]
    if all(value is not None for value in above):
        if step_values.equals(above):
            yield f"It is {text(term.upstream)} alone: what `{text(term.through)}` does with it is left out."
        elif step_values.everywhere(lambda mine, value, k: values[k] / above[k]):
            yield f"It is the local derivative alone: it is not multiplied by {text(term.upstream)}."


def _part(step_values: StepValues, values: Sequence[Numeric]) -> float | None:
    """Return how many times a term is contained in the student's values; None if this differs between points."""
    if any(shape_of(mine) != shape_of(value) for mine, value in zip(step_values.own, values, strict=True)):
        return None
    every = zip(step_values.own, step_values.right, values, strict=True)
    ratios = [_quotient(mine - right, value) for mine, right, value in every]
    if None in ratios or not all(alike(one, ratios[0]) for one in ratios):
        return None
    (more,) = ratios[:1]
    if more is None or not step_values.equals_right_plus(more, values):
        return None
    return 1 + more
