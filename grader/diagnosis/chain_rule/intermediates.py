"""Intermediate values that an exercise computes without naming them: a mean, a variance, a gate.

These are the parts of the program's formulas, and the parts of operations that students write out: the normalised
scores of a cross entropy, the mask of a ReLU. Products and sums are split in every possible bracketing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Any

from grader.diagnosis.chain_rule.chain import Derivation
from grader.diagnosis.chain_rule.numbers import shape_of
from grader.formula.build import NOWHERE, ONE, added, call, number
from grader.formula.syntax import Call, Derivative, Expression, Flag, Index, Name, Number, Slice, text, walk
from grader.formula.syntax import Sequence as Items
from grader.judge.matching.compare import same
from grader.model import Value

MOST = 64
"""How many intermediates are collected, at most."""

MOST_AXES = 4
"""Maximum number of axes of a value whose axes are permuted."""

LONGEST = 5
"""Maximum number of factors or summands that are split in every way."""


@dataclass(frozen=True, slots=True)
class Intermediate:
    """A formula over inputs and forward quantities, with its value at every point."""

    formula: Expression
    values: tuple[Value, ...]

    @property
    def name(self) -> str:
        return text(self.formula)

    def laid_out(self, shape: Sequence[int]) -> Iterator[Intermediate]:
        """Yield the intermediate with its axes permuted and then adjacent ones merged, so that it has this shape."""
        import numpy

        own = self.values[0].shape
        if math.prod(own) != math.prod(shape) or len(own) > MOST_AXES:
            return
        for order in permutations(range(len(own))):
            turned = [own[axis] for axis in order]
            # With axes of length 1, several orders give the same numbers and differ only in shape.
            if list(order) == list(range(len(own))) or 1 in own or not _is_put_together(turned, shape):
                continue
            values = []
            for value in self.values:
                array = numpy.frombuffer(value.data, dtype="<f8").reshape(own).transpose(order).reshape(shape)
                values.append(Value(tuple(shape), array.tobytes()))
            made = call("permute", self.formula, dims=Items(tuple(map(number, order)), NOWHERE))
            yield Intermediate(call("transpose_all", self.formula) if order == (1, 0) else made, tuple(values))


def intermediates(derivation: Derivation, rule: Expression | None = None) -> tuple[Intermediate, ...]:
    """Return the intermediates of an exercise, without duplicates, inputs, forward quantities and values that are equal
    at the first and last point. Parts of `rule`, the formula of a step, come first."""
    reference = derivation.reference
    forward = [step.name for step in derivation.exercise.forward_steps]
    known = [
        {**point.inputs, **{name: values[name] for name in forward}}
        for point, values in zip(reference.points, reference.values, strict=True)
    ]
    found: list[Intermediate] = []
    for formula in _formulas(derivation, rule):
        values = tuple(_as_value(derivation.value(formula, k)) for k in range(len(reference.points)))
        kept = tuple(value for value in values if value is not None)
        if len(kept) < len(values) or same(kept[0], kept[-1]) or len({value.shape for value in kept}) > 1:
            continue
        if not _is_among(kept, known, found):
            found.append(Intermediate(formula, kept))
        if len(found) >= MOST:
            break
    return tuple(found)


def _is_put_together(own: Sequence[int], shape: Sequence[int]) -> bool:
    """Whether merging adjacent axes of the shape `own` gives `shape`, ignoring axes of length 1."""
    left = list(own)
    for size in (one for one in shape if one != 1):
        made = 1
        while left and made < size:
            made *= left.pop(0)
        if made != size:
            return False
    return not left


def _is_among(values: Sequence[Value], known: Sequence[Mapping[str, Value]], found: Sequence[Intermediate]) -> bool:
    named = (name for name in known[0] if all(same(one, at[name]) for one, at in zip(values, known, strict=True)))
    return next(named, None) is not None or any(all(map(same, one.values, values)) for one in found)


def _formulas(derivation: Derivation, rule: Expression | None) -> Iterator[Expression]:
    seen: set[str] = set()
    for whole in (*((rule,) if rule else ()), *(statement.value for statement in derivation.statements)):
        for part in walk(whole):
            for formula in (part, *_opened(part), *_bracketed(part), *_windows(part, derivation)):
                if isinstance(formula, Call | Index | Derivative) and text(formula) not in seen:
                    seen.add(text(formula))
                    yield formula


def _as_value(worth: Any) -> Value | None:
    import numpy

    if worth is None or isinstance(worth, list | dict | str | slice | complex):
        return None
    array = numpy.asarray(worth, dtype="<f8")
    return Value(shape_of(array), array.tobytes()) if numpy.isfinite(array).all() else None


def _opened(node: Expression) -> Iterator[Expression]:
    """Yield the intermediates of an operation that is written out by hand."""
    match node:
        case Call("var" | "std", (x,)):
            yield from _spread(node, x)
        case Call("softmax" | "log_softmax" | "logsumexp", (x,)):
            yield from _normalised(x, _option(node, "dim") or number(-1))
        case Call("cross_entropy", (x, y)):
            yield from _normalised(x, number(-1))
            chosen = call("mul", call("one_hot", y), call("log_softmax", x, dim=number(-1)))
            yield call("sum", chosen, dim=number(-1))
        case Call("sigmoid", (x,)):
            yield call("exp", call("neg", x))
        case Call("relu" | "leaky_relu", (x,)):
            yield call("gt", x, number(0))
        case Call("mse_loss", (x, y)):
            yield call("sub", x, y)
            yield call("square", call("sub", x, y))


def _spread(node: Call, x: Expression) -> Iterator[Expression]:
    dim = _option(node, "dim")
    along = {"keepdim": Flag(True, NOWHERE)} if dim is None else {"dim": dim, "keepdim": Flag(True, NOWHERE)}
    centred = call("sub", x, call("mean", x, **along))
    yield call("mean", x, **along)
    yield centred
    yield call("square", centred)
    yield call("sum", call("square", centred), **along)
    yield Call("var" if node.operation == "std" else "std", (x,), node.options, NOWHERE)


def _normalised(x: Expression, dim: Expression) -> Iterator[Expression]:
    along = {"dim": dim, "keepdim": Flag(True, NOWHERE)}
    shifted = call("sub", x, call("max", x, **along))
    for scores in (shifted, x):
        yield scores
        yield call("exp", scores)
        yield call("sum", call("exp", scores), **along)
        yield call("log", call("sum", call("exp", scores), **along))
    yield call("softmax", x, dim=dim)
    yield call("log_softmax", x, dim=dim)


def _windows(node: Expression, derivation: Derivation) -> Iterator[Expression]:
    """Yield the windows of a convolution, stacked: `stack([x[:, 0:6], x[:, 1:7], x[:, 2:8]], -1)`."""
    match node:
        case Call("conv1d", (x, w, *_)) if not node.options:
            long, wide = derivation.shape(x), derivation.shape(w)
            if long and wide and len(long) == len(wide) == 3 and wide[-1] < long[-1]:
                ends = [(start, long[-1] - wide[-1] + 1 + start) for start in range(wide[-1])]
                every = Slice(None, None, None, NOWHERE)
                last = [Slice(number(start), number(end), None, NOWHERE) for start, end in ends]
                seen = [Index(x, (every, every, one), NOWHERE) for one in last]
                yield Call("stack", tuple(seen), (("dim", number(-1)),), NOWHERE)
        case Call("add"):
            terms = [one for one, _ in _summands(node, False)]
            taps = tuple(one.arguments[1] for one in terms if isinstance(one, Call) and _is_tap(one))
            if len(taps) > 1:
                yield Call("stack", taps, (("dim", number(-1)),), NOWHERE)


def _is_tap(node: Expression) -> bool:
    """Whether this is an entry of a kernel times a slice of an array: `w[1] * x[1:7]`."""
    match node:
        case Call("mul", (Index(base=Name(), keys=(Number(),)), Index(keys=keys))):
            return any(isinstance(key, Slice) for key in keys)
        case _:
            return False


def _option(node: Call, name: str) -> Expression | None:
    return next((value for key, value in node.options if key == name), None)


def _bracketed(node: Expression) -> Iterator[Expression]:
    """Yield all partial products of a product, or partial sums of a sum, in any order of evaluation."""
    if not isinstance(node, Call):
        return
    if node.operation in ("mul", "div"):
        for part in _some(list(_factors(node, False))):
            yield _product(part)
    if node.operation in ("add", "sub"):
        for part in _some(list(_summands(node, False))):
            yield added([call("neg", one) if negative else one for one, negative in part])


Signed = tuple[Expression, bool]
"""A factor and whether it is a divisor, or a summand and whether it is subtracted."""


def _some(parts: Sequence[Signed]) -> Iterator[Sequence[Signed]]:
    if len(parts) <= LONGEST:
        for many in range(1, len(parts)):
            yield from combinations(parts, many)


def _factors(node: Expression, divided: bool) -> Iterator[Signed]:
    match node:
        case Call("mul" | "div", (left, right)):
            yield from _factors(left, divided)
            yield from _factors(right, divided != (node.operation == "div"))
        case _:
            yield node, divided


def _summands(node: Expression, negative: bool) -> Iterator[Signed]:
    match node:
        case Call("add" | "sub", (left, right)):
            yield from _summands(left, negative)
            yield from _summands(right, negative != (node.operation == "sub"))
        case _:
            yield node, negative


def _product(parts: Sequence[Signed]) -> Expression:
    above = [one for one, divided in parts if not divided]
    below = [one for one, divided in parts if divided]
    made: Expression = above[0] if above else ONE
    for one in above[1:]:
        made = call("mul", made, one)
    for one in below:
        made = call("div", made, one)
    return made
