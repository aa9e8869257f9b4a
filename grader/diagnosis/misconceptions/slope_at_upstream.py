"""The derivative of an activation is evaluated at the upstream gradient."""

from __future__ import annotations

from collections.abc import Iterator

from grader.diagnosis.chain_rule.rule import Term
from grader.diagnosis.misconceptions import is_in_place_of_upstream
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import NOWHERE, ONE, call, times
from grader.formula.syntax import Call, Expression, Flag
from grader.formula.vjp import SLOPES


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit replaces the upstream gradient with the activation's output or argument inside a derivative."""
    return is_in_place_of_upstream(edit, context)


def fits_values(step_values: StepValues) -> bool:
    """Whether the values are the derivative or the activation at the upstream gradient, with or without that factor."""
    terms = () if step_values.rule is None else step_values.rule.terms
    return any(step_values.is_worth(formula) for term in terms[:1] if len(terms) == 1 for formula in _wrong(term))


def _wrong(term: Term) -> Iterator[Expression]:
    up, activation = term.upstream, term.activation
    match term.statement.value:
        case Call("softmax", _, options) if up is not None:
            yield from _of_softmax(up, Call("softmax", (up,), options, NOWHERE), options)
            return
    if up is None or activation is None or activation[0] not in ("tanh", "sigmoid", "relu"):
        return
    operation = activation[0]
    if operation == "relu":
        yield call("relu", up)
        yield SLOPES["relu"](up, up)
        return
    for slope in (SLOPES[operation](up, call(operation, up)), SLOPES[operation](up, up)):
        yield slope
        yield times(slope, up)


def _of_softmax(up: Expression, s: Call, options: tuple[tuple[str, Expression], ...]) -> Iterator[Expression]:
    kept = (*options, ("keepdim", Flag(True, NOWHERE)))
    jacobian = call("sub", call("diag", s), call("outer", s, s))
    yield s
    yield jacobian
    yield call("matmul", jacobian, up)
    yield times(s, call("sub", up, Call("sum", (times(up, s),), kept, NOWHERE)))
    yield times(s, call("sub", ONE, s))
    yield times(times(s, call("sub", ONE, s)), up)


RULE = Misconception(
    code="slope-at-upstream",
    title="The slope is taken at the gradient that arrives",
    what="The slope of the activation is computed from a gradient here; it needs the forward value.",
    why=(
        "In d(L)/d(z) = d(L)/d(h) * f'(z) the slope is that of the forward step: it is taken where the forward pass"
        " was, at z. What arrives from above is a factor and stands inside no activation."
    ),
    instead="Take the slope at the forward value, and multiply by what arrives.",
    instructor=(
        "Typical of a backward(dout) that has kept nothing of its forward pass, and applies the function to the one"
        " array it was given. Ask what the method has to remember."
    ),
    recognises=recognises,
    hit=Example("tanh-chain", "dh1_raw", "(1 - h1**2) * dh1", "(1 - dh1**2) * dh1"),
    miss=Example("tanh-chain", "dh1_raw", "(1 - h1**2) * dh1", "(1 - h1**2) * dh2"),
    fits_values=fits_values,
)
