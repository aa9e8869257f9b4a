"""What a formula of a script computes, compared with what the script was seen to compute."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from grader.diagnosis.chain_rule.arithmetic import NumpyMeaning
from grader.diagnosis.chain_rule.numbers import alike
from grader.formula.build import number
from grader.formula.evaluate import Environment, EvaluationError, evaluate
from grader.formula.syntax import Call, Expression, Index
from grader.model import Value

UNABLE = (EvaluationError, ArithmeticError, ValueError, TypeError, KeyError, IndexError)
"""What evaluating a formula may raise."""


class _Meaning(NumpyMeaning):
    """NumPy's meaning of formulas, with assignments to entries."""

    def put(self, whole: Any, key: Any, part: Any) -> Any:
        changed = whole.astype(float)
        changed[key] = part
        return changed


MEANING = _Meaning()


def proven(formula: Expression, value: Value, environment: Environment) -> Expression | None:
    """The formula, if it has this value; with what its library divides a variance by, where that is left open."""
    for way in (_with_correction(formula, 0), _with_correction(formula, 1)):
        try:
            if _same(evaluate(way, environment, MEANING), value):
                return way
        except UNABLE:
            return None
        if way is formula:
            break
    return None


def equal(left: Expression, right: Expression, environment: Environment) -> bool:
    """Whether two formulas have the same value."""
    try:
        return alike(*(evaluate(side, environment, MEANING) for side in (left, right)))
    except UNABLE:
        return False


def _with_correction(node: Expression, correction: int) -> Expression:
    """A formula in which every variance says how it is divided: torch and NumPy differ where it does not."""
    match node:
        case Call("var" | "std", arguments, options) if "correction" not in dict(options):
            own = tuple(sorted([*options, ("correction", number(correction))], key=lambda option: option[0]))
            return replace(node, arguments=tuple(_with_correction(one, correction) for one in arguments), options=own)
        case Call(arguments=arguments):
            made = tuple(_with_correction(one, correction) for one in arguments)
            same = all(one is other for one, other in zip(made, arguments, strict=True))
            return node if same else replace(node, arguments=made)
        case Index(base=base):
            inner = _with_correction(base, correction)
            return node if inner is base else replace(node, base=inner)
        case _:
            return node


def _same(made: object, value: Value) -> bool:
    shape = tuple(getattr(made, "shape", ()))
    if shape != value.shape:
        return False
    numbers = value.numbers()
    flat = [float(made)] if not shape else [float(one) for one in made.ravel()]  # type: ignore[arg-type, attr-defined]
    most = max(map(abs, numbers), default=0.0)
    loose = 1e-4 if value.dtype in ("float32", "float16", "bfloat16") else 1e-9
    return all(
        math.isfinite(own) and abs(own - one) <= loose * most + 1e-12 for own, one in zip(flat, numbers, strict=True)
    )
