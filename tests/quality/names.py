"""Which misconceptions' names are true of a mutant, by the operator that made it, and which one it is to get.

A name that is not listed for the operator is a false one: what it says did not happen.
"""

from __future__ import annotations

import ast

from tests.quality.mutants import Mutant

_SIGNS = frozenset(
    {"sign-flipped", "contribution-subtracted", "tanh-derivative-with-plus", "sigmoid-derivative-with-plus"}
) | {"quotient-rule-with-plus"}
_LEFT_OUT = (
    frozenset({"statistic-held-fixed", "regularisation-missing", "gauss-newton-term-dropped"})
    | frozenset({"branch-contribution-missing", "shared-weight-contribution-missing", "product-rule-term-missing"})
    | {"softmax-sum-missing", "softmax-jacobian-diagonal"}
)
_FACTORS = (
    frozenset({"normalisation-gain-missing", "parameter-for-its-logarithm", "summand-constant-wrong"})
    | frozenset({"activation-derivative-missing", "inner-derivative-missing", "missing-one-over-n", "upstream-missing"})
    | {"sigmoid-derivative-factor-missing", "weight-factor-missing", "factor-two", "power-rule-factor-missing"}
)
_POWERS = frozenset(
    {"power-rule-exponent-kept", "power-rule-exponent-too-low", "power-rule-factor-wrong", "factor-two"}
) | {"tanh-derivative-square-missing", "quotient-denominator-not-squared", "power-rule-factor-missing"}
_CONSTANTS = frozenset({"summand-constant-wrong", "extra-one-over-n", "missing-one-over-n", "mean-for-sum"})
"""True of a number, or a size, that is wrong as a factor."""
_OTHERS = frozenset(
    {"other-layers-quantity", "value-for-gradient", "gradient-for-value", "pre-activation-for-activation"}
) | {"tanh-derivative-on-pre-activation", "sigmoid-derivative-on-pre-activation", "own-factor-for-other-factor"}
_PLACES = _OTHERS | {
    "slope-at-upstream",
    "gradient-not-passed-through-activation",
    "exp-derivative-is-argument",
    "log-derivative-on-output",
}
_TURNED = frozenset({"transpose-missing", "transpose-extra", "result-transposed"})

TRUE: dict[str, frozenset[str]] = {
    # d(h2_raw)/d(w_h) in the place of h1 has the other contribution in it.
    "name": _PLACES
    | _POWERS
    | {"activation-applied-twice", "sqrt-derivative-root-missing", "contribution-counted-twice"},
    "sign": _SIGNS,
    "-= for +=": _SIGNS,
    "= for +=": _LEFT_OUT | {"contribution-overwritten"},
    "+= for =": frozenset({"contribution-counted-twice"}),
    "statement missing": _LEFT_OUT | _FACTORS,
    "axis": frozenset({"wrong-axis", "axis-missing", "axis-not-kept", "sum-missing"}),
    "keepdims": frozenset({"axis-not-kept"}),
    "mean for sum": frozenset({"mean-for-sum", "extra-one-over-n"}),
    "sum for mean": frozenset({"missing-one-over-n"}),
    "reduction missing": _LEFT_OUT | {"sum-missing", "mean-for-sum"},
    "order": _SIGNS | _TURNED | {"activation-derivative-inverted", "log-derivative-not-inverted"},
    "operator": _SIGNS
    | {"plus-for-times", "times-for-plus", "activation-derivative-inverted", "log-derivative-not-inverted"}
    # `(1 - h) * (1 * h)` for `(1 - h) * (1 + h)` is the slope of sigmoid.
    | {"sqrt-derivative-not-inverted", "tanh-derivative-one-minus-missing", "sigmoid-derivative-for-tanh"},
    "matmul": frozenset({"matmul-for-elementwise", "elementwise-for-matmul"}),
    "transpose": _TURNED,
    "constant": _POWERS
    | _CONSTANTS
    | {"wrong-axis", "extra-one-over-n", "missing-one-over-n", "sqrt-derivative-half-missing"},
    "power": _POWERS | _CONSTANTS,
    "term missing": _LEFT_OUT | _FACTORS | {"tanh-derivative-one-minus-missing", "tanh-derivative-square-missing"},
    "minus missing": _LEFT_OUT | {"sign-flipped", "tanh-derivative-one-minus-missing"},
    "term doubled": frozenset({"contribution-counted-twice"}),
    "factor missing": _FACTORS | _POWERS,
    "factor doubled": _POWERS
    | _CONSTANTS
    | {"normalisation-gain-twice", "activation-derivative-extra", "extra-one-over-n"},
    "factor too many": _CONSTANTS | frozenset({"factor-two", "contribution-counted-twice"}),
    "function missing": _PLACES | {"activation-derivative-missing"},
    "function twice": frozenset({"activation-applied-twice"}),
    "function": frozenset({"tanh-derivative-for-sigmoid", "sigmoid-derivative-for-tanh"}),
    "index": frozenset({"time-index-off-by-one"}),
}


def false_names(mutant: Mutant, codes: set[str]) -> set[str]:
    """Those of the codes that say what did not happen."""
    return codes - TRUE[mutant.operator]


def due(mutant: Mutant, derivative: bool) -> frozenset[str]:
    """The names one of which a mutant is to get; none where the catalogue has none for it for certain."""
    whole = isinstance(mutant.around[0], ast.stmt) if mutant.around else True
    match mutant.operator:
        case "mean for sum" if derivative:
            return TRUE["mean for sum"]
        case "sign" if derivative and whole and isinstance(mutant.statement, ast.AugAssign):
            return frozenset({"sign-flipped", "contribution-subtracted"})  # of the whole, or of what is added
        case "sign" if derivative and whole:
            return frozenset({"sign-flipped"})
        case "reduction missing" if derivative and whole and "sum" in ast.unparse(mutant.old):
            return TRUE["reduction missing"]
        case "axis" if derivative:
            return TRUE["axis"]
        case "minus missing" if derivative and _is_one_minus_square(mutant.old):
            return frozenset({"tanh-derivative-one-minus-missing"})
        case "transpose" if derivative and not whole:
            return _TURNED
        case _:
            return frozenset()


def _is_one_minus_square(node: ast.AST) -> bool:
    match node:
        case ast.BinOp(left=ast.Constant(value=1 | 1.0), op=ast.Sub(), right=ast.BinOp(op=ast.Pow(), right=two)):
            return isinstance(two, ast.Constant) and two.value == 2
        case _:
            return False
