"""The right formula of a step, as a student would write it: the chain rule over one statement of the program.

Backwards, what arrives from above is passed through every statement that reads the quantity; forwards, what the
arguments of its own statement bring is carried to it. A formula is only used where its value is autograd's at every
point, so what is too hard for this module is left out and never wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.formula.vjp import NOWHERE
from grader.formula.syntax import Assign, Call, Expression, Flag, Index, Name, Number

Shapes = Callable[[Expression], tuple[int, ...] | None]
"""The shape of a formula's value; None where it has none."""

Named = Callable[[str, str], str | None]
"""The name of the derivative of one quantity by another; None where it is 0, as no path leads from one to the other."""


class Underivable(Exception):
    """The formula of a derivative is not one this module can write."""


def name(text: str) -> Name:
    return Name(text, NOWHERE)


def number(value: float) -> Number:
    return Number(value, NOWHERE)


def call(operation: str, *arguments: Expression, **options: Expression) -> Call:
    return Call(operation, arguments, tuple(sorted(options.items())), NOWHERE)


def fresh(node: Expression) -> Expression:
    """The same expression, every node an object of its own: edits are told apart by identity."""
    match node:
        case Name(id=text):
            return name(text)
        case Number(value=value):
            return number(value)
        case Call(arguments=arguments, options=options):
            return Call(node.operation, tuple(map(fresh, arguments)), options, NOWHERE)
        case Index(base=base, keys=keys):
            return Index(fresh(base), keys, NOWHERE)
        case _:
            return replace(node, place=NOWHERE)


def times(left: Expression, right: Expression) -> Expression:
    """A product, without factors that are 1."""
    if isinstance(left, Number) and left.value == 1:
        return right
    return left if isinstance(right, Number) and right.value == 1 else call("mul", left, right)


def added(parts: Sequence[Expression]) -> Expression:
    whole = parts[0]
    for part in parts[1:]:
        whole = call("add", whole, part)
    return whole


@dataclass(frozen=True, slots=True)
class Derivation:
    """Formulas over one program. `program`: its statements by what they assign; `derivative` names derivatives."""

    program: Mapping[str, Assign]
    shapes: Shapes
    derivative: Named

    def backwards(self, of: str, by: str) -> Expression:
        """d(of)/d(by) through everything computed from `by`. Raises `Underivable`."""
        parts: list[Expression] = []
        for target, statement in self.program.items():
            if not _reads(statement.value, by):
                continue
            arriving = None if target == of else self.derivative(of, target)
            if target == of or arriving is not None:
                above = number(1) if arriving is None else name(arriving)
                parts += [self._fitted(part, by) for part in self._pulled(statement.value, above, by, target)]
        if not parts:
            raise Underivable
        return fresh(added(parts))

    def _fitted(self, part: Expression, by: str) -> Expression:
        """A contribution summed over the axes along which `by` was spread."""
        have, want = self.shapes(part), self.shapes(name(by))
        if have is None or want is None or have == want:
            return part
        if not want:
            return call("sum", part)
        if have[len(have) - len(want) :] == want:
            for _ in range(len(have) - len(want)):
                part = call("sum", part, dim=number(0))
            return part
        if not have:
            return call("mul", part, call("ones_like", name(by)))
        along = [n for n, size in enumerate(want) if len(have) == len(want) and size == 1 != have[n]]
        if len(along) != 1:
            raise Underivable
        return call("sum", part, dim=number(along[0]), keepdim=Flag(True, NOWHERE))

    def _pulled(self, node: Expression, above: Expression, by: str, whole: str | None) -> Iterator[Expression]:
        """What `by` gets of `above`, the derivative by `node`; `whole` is the name of `node`, if it has one."""
        if isinstance(node, Name):
            if node.id == by:
                yield above
            return
        if not _reads(node, by):
            return
        match node:
            case Call("add" | "sub" | "mul" | "div" | "matmul" as operation, (left, right)):
                for part, at_left in ((left, True), (right, False)):
                    if _reads(part, by):
                        yield from self._pulled(part, self._of_two(operation, left, right, at_left, above), by, None)
            case Call("transpose_all", (inner,)):
                yield from self._pulled(inner, call("transpose_all", above), by, None)
            case Call("sum" | "mean" as operation, (inner,), options):
                yield from self._pulled(inner, self._unreduced(operation, inner, dict(options), above), by, None)
            case Call(arguments=(inner, *others)) if not any(_reads(one, by) for one in others):
                slope = _slope(node, inner, whole)
                yield from self._pulled(inner, times(slope, above), by, None)
            case _:
                raise Underivable

    def _of_two(
        self, operation: str, left: Expression, right: Expression, at_left: bool, above: Expression
    ) -> Expression:
        match operation, at_left:
            case ("add", _) | ("sub", True):
                return above
            case "sub", False:
                return call("neg", above)
            case "mul", _:
                return times(right if at_left else left, above)
            case "div", True:
                return call("div", above, right)
            case "div", False:
                return call("neg", times(call("div", left, call("pow", right, number(2))), above))
            case _:
                return self._of_matmul(left, right, at_left, above)

    def _of_matmul(self, left: Expression, right: Expression, at_left: bool, above: Expression) -> Expression:
        axes = len(self.shapes(left) or ()), len(self.shapes(right) or ())
        match axes:
            case 1, 1:
                return times(right if at_left else left, above)
            case 2, 1 if at_left:
                return call("outer", above, right)
            case 1, 2 if not at_left:
                return call("outer", left, above)
            case 1, 2:
                return call("matmul", right, above)
        turned = call("transpose_all", right if at_left else left)
        if max(axes) > 2:
            turned = call("matrix_transpose", right if at_left else left)
        return call("matmul", above, turned) if at_left else call("matmul", turned, above)

    def _unreduced(
        self, operation: str, inner: Expression, options: Mapping[str, Expression], above: Expression
    ) -> Expression:
        shape, dim = self.shapes(inner), options.get("dim")
        if shape is None or (dim is not None and not isinstance(dim, Number)):
            raise Underivable
        if dim is not None and "keepdim" not in options and dim.value % len(shape) != 0:
            above = call("unsqueeze", above, dim=dim)
        count = math.prod(shape) if dim is None else shape[int(dim.value) % len(shape)]
        spread = self._spread(above, inner)
        return call("div", spread, number(count)) if operation == "mean" else spread

    def _spread(self, above: Expression, inner: Expression) -> Expression:
        """Where nothing else gives the derivative the shape of what was summed, ones do."""
        return call("mul", above, call("ones_like", inner)) if isinstance(inner, Name) else above

    def forwards(self, of: str, by: str) -> Expression:
        """d(of)/d(by) through the arguments of `of`, for a `by` that is one number. Raises `Underivable`."""
        if self.shapes(name(by)) != () or of not in self.program:
            raise Underivable
        made = self._pushed(self.program[of].value, by, of)
        if made is None:
            raise Underivable
        return fresh(made)

    def _pushed(self, node: Expression, by: str, whole: str | None) -> Expression | None:
        """The tangent of `node`; None where it is 0 for want of anything that varies."""
        match node:
            case Number():
                return None
            case Name(id=text):
                if text == by:
                    return number(1)
                known = self.derivative(text, by)
                return None if known is None else name(known)
            case Call("add" | "sub" as operation, (left, right)):
                one, other = self._pushed(left, by, None), self._pushed(right, by, None)
                if one is None or other is None:
                    return one if other is None else other if operation == "add" else call("neg", other)
                return call(operation, one, other)
            case Call("mul" | "matmul" as operation, (left, right)):
                parts = [
                    *(_product(operation, change, right) for change in [self._pushed(left, by, None)] if change),
                    *(_product(operation, left, change) for change in [self._pushed(right, by, None)] if change),
                ]
                return added(parts) if parts else None
            case Call("div", (left, right)):
                return self._quotient(left, right, by)
            case Call("sum" | "mean" | "transpose_all" | "neg", (inner,)):
                change = self._pushed(inner, by, None)
                return None if change is None else replace(node, arguments=(change,))
            case Call(arguments=(inner, *others)) if all(isinstance(one, Number) for one in others):
                change = self._pushed(inner, by, None)
                return None if change is None else times(_slope(node, inner, whole), change)
        raise Underivable

    def _quotient(self, left: Expression, right: Expression, by: str) -> Expression | None:
        above, below = self._pushed(left, by, None), self._pushed(right, by, None)
        if below is None:
            return None if above is None else call("div", above, right)
        less = times(left, below)
        upper = call("neg", less) if above is None else call("sub", times(above, right), less)
        return call("div", upper, call("pow", right, number(2)))


def _product(operation: str, left: Expression, right: Expression) -> Expression:
    return times(left, right) if operation == "mul" else call(operation, left, right)


def _reads(node: Expression, quantity: str) -> bool:
    match node:
        case Name(id=text):
            return text == quantity
        case Call(arguments=arguments):
            return any(_reads(one, quantity) for one in arguments)
        case Index(base=base):
            return _reads(base, quantity)
        case _:
            return False


def _slope(node: Call, x: Expression, whole: str | None) -> Expression:
    """The slope of a function, in terms of what it gave where that has a name."""
    y: Expression = node if whole is None else name(whole)
    one = number(1)
    match node.operation:
        case "neg":
            return number(-1)
        case "tanh":
            return call("sub", one, call("pow", y, number(2)))
        case "sigmoid":
            return call("mul", y, call("sub", one, y))
        case "exp":
            return y
        case "log":
            return call("div", one, x)
        case "sqrt":
            return call("div", one, call("mul", number(2), y))
        case "square":
            return call("mul", number(2), x)
        case "sin":
            return call("cos", x)
        case "cos":
            return call("neg", call("sin", x))
        case "relu":
            return call("gt", x, number(0))
        case "abs":
            return call("sign", x)
        case "pow" if isinstance(node.arguments[1], Number):
            power = node.arguments[1].value
            lower = x if power == 2 else call("pow", x, number(power - 1))
            return call("mul", number(power), lower)
    raise Underivable
