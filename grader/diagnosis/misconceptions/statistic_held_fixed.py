"""A mean, a variance or a norm is treated as a constant."""

from __future__ import annotations

from itertools import combinations

from grader.diagnosis.chain_rule.rule import target_of
from grader.diagnosis.misconceptions import product, summands
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.parts import is_statistic, without_statistics
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Assign, text


def recognises(edit: Edit, context: Context) -> bool:
    """Always False: no small edit is specific to this mistake; only the values show it."""
    return False


def fits_values(step_values: StepValues) -> bool:
    """Whether the values are the derivative with some of the statistics of the quantity held constant."""
    if step_values.pair is None:
        return False
    of, _ = step_values.pair
    made = {text(target_of(one)): one for one in step_values.passed}
    inner = [text(step_values.pair[1]), *(name for name in made if name != text(of))]
    held = [name for name, one in made.items() if name != text(of) and _without(one, inner) is not one]
    held = [name for name in held if not step_values.derivation.is_summed_up(target_of(made[name]))]
    whole = [text(of)] if text(of) in made and _is_normalised(made[text(of)], inner) else []
    for count in range(1, min(len(held), MOST) + 1):
        if any(_is_worth_without(step_values, some, inner) for some in combinations(held, count)):
            return True
    return any(_is_worth_without(step_values, (name,), inner) for name in whole)


def _is_normalised(statement: Assign, inner: list[str]) -> bool:
    """Whether a statement has a statistic that is no summand: a mean beside a penalty is a term of its own."""
    added = any(is_statistic(factor) for term in summands(statement.value) for factor in product(term))
    return not added and _without(statement, inner) is not statement


MOST = 3
"""How many statistics are held constant at once, at most."""


def _is_worth_without(step_values: StepValues, some: tuple[str, ...], inner: list[str]) -> bool:
    def change(one: Assign) -> Assign:
        return _without(one, inner) if text(target_of(one)) in some else one

    return step_values.is_worth_in(change)


def _without(statement: Assign, inner: list[str]) -> Assign:
    for name in inner:
        statement = without_statistics(statement, name)
    return statement


RULE = Misconception(
    code="statistic-held-fixed",
    title="A mean or a variance is held fixed",
    what="A mean, variance or norm is treated as a constant here; it changes with the entries it is made from.",
    why=(
        "A statistic is made of all entries: when one of them moves, the statistic moves, and with it every entry "
        "that is divided by it or has it subtracted. The derivative has a term for that path as well."
    ),
    instead="Add the term that goes through the statistic.",
    instructor=(
        "The formula of a normalisation is read as x times a constant. Ask what happens to the second entry of the "
        "output when only the first entry of the input grows."
    ),
    recognises=recognises,
    hit=Example(
        "scaled", "dx", "gamma * dy * r - x * r**3 * (gamma * dy * x).mean(axis=1, keepdims=True)", "gamma * dy * r"
    ),
    miss=Example(
        "scaled", "dx", "gamma * dy * r - x * r**3 * (gamma * dy * x).mean(axis=1, keepdims=True)", "gamma * dy"
    ),
    fits_values=fits_values,
)
