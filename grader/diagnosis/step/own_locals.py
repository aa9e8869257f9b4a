"""Puts the student's own local variables in place of the parts of a formula that have their values."""

from __future__ import annotations

from dataclasses import replace

from grader.diagnosis.chain_rule.meaning import StudentMeaning, value_of
from grader.diagnosis.step.context import Context
from grader.formula.build import NOWHERE, ONE, call, number, raised
from grader.formula.syntax import Call, Expression, Name, Number, names

ROOTS = (1, 0.5, -0.5, -1)
"""The powers of a formula for which a student may have a name: `std` for `var**0.5`, `inv_rms` for `ms**-0.5`."""


def with_locals(formula: Expression, context: Context, meaning: StudentMeaning) -> Expression:
    """Return a formula in whose parts the locals of the student's own stand that have their values: `inner` for
    `np.sum(dp * p, axis=1, keepdims=True)`."""
    if not isinstance(formula, Call) or not names(formula):
        return formula
    inner = tuple(_as_local(one, context, meaning) for one in formula.arguments)
    return replace(formula, arguments=inner) if inner != formula.arguments else formula


def _as_local(part: Expression, context: Context, meaning: StudentMeaning) -> Expression:
    if not isinstance(part, Call) or not names(part):
        return with_locals(part, context, meaning)
    match part:
        case Call("pow", (base, Number(value=exponent))):
            powers = (*dict.fromkeys((exponent, *ROOTS)),)
        case base:
            exponent, powers = 1, (1,)
    for power in powers:
        one = base if power == 1 else call("pow", base, number(power))
        local = _local_with(one, context, meaning) if float(exponent / power).is_integer() else None
        if local is not None:
            times, named = int(exponent / power), Name(local, NOWHERE)
            return raised(named, times) if times > 0 else call("div", ONE, raised(named, -times))
    return with_locals(part, context, meaning)


def _local_with(formula: Expression, context: Context, meaning: StudentMeaning) -> str | None:
    """Return a local of the student's own, or a forward quantity, that has a formula's value at every point."""
    values = [value_of(formula, held, meaning) for held in context.names]
    if any(value is None for value in values):
        return None
    pairs = list(zip(context.names, values, strict=True))
    for name in context.shared:
        own = name not in context.quantities or context.quantities[name] in context.forward
        fits = (context.same(held[name], one, k) for k, (held, one) in enumerate(pairs))
        if own and name.isidentifier() and all(fits):
            return name
    return None
