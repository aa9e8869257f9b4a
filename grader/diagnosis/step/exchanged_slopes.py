"""Local derivatives that are often confused with one another, in the student's own names."""

from __future__ import annotations

from collections.abc import Sequence

from grader.diagnosis.chain_rule.rule import target_of
from grader.diagnosis.step.context import MIXED_UP, Context
from grader.formula.build import NOWHERE, ONE, call
from grader.formula.syntax import Call, Expression, Name, Number


def exchanged_slopes(context: Context) -> tuple[tuple[Expression, Expression], ...]:
    """Pairs of a wrong and the right local derivative that are often confused: sigmoid and tanh at the same output,
    and a power with the variable in the base or in the exponent."""
    return (*_mixed_up(context), *_powers(context))


def _powers(context: Context) -> list[tuple[Expression, Expression]]:
    found = []
    for statement in context.derivation.statements:
        for wrong, right in _powers_mixed_up(statement.value, target_of(statement)):
            written = context.in_students_names(wrong), context.in_students_names(right)
            if written[0] is not None and written[1] is not None:
                found.append((written[0], written[1]))
    return found


def _mixed_up(context: Context) -> list[tuple[Expression, Expression]]:
    found = []
    for name in context.swaps:
        operation = context.output_of(name)
        if operation in MIXED_UP:
            own = Name(name, NOWHERE)
            right = MIXED_UP[operation](own)
            found += [(slope(own), right) for other, slope in MIXED_UP.items() if other != operation]
    return found


def _powers_mixed_up(value: Expression, out: Expression) -> Sequence[tuple[Expression, Expression]]:
    """Return pairs of a wrong and the right derivative of a power: by the base and by the exponent are confused."""
    match value:
        case Call("pow", (base, exponent)) if not isinstance(exponent, Number):
            by_base = call("mul", exponent, call("pow", base, call("sub", exponent, ONE)))
            turned = call("mul", base, call("pow", exponent, call("sub", base, ONE)))
            by_exponent = call("mul", out, call("log", base))
            return (by_base, by_exponent), (turned, by_exponent), (by_exponent, by_base)
        case _:
            return ()
