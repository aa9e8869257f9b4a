"""One module per misconception; `recognition.catalogue` finds them. This file has the helpers of their rules.

A *link* is one local step of the chain rule: a statement of the forward program, the quantity (`argument`) by which
its local derivative is taken, and the derivative (`rest`) that this is multiplied by. Forward mode links a quantity to
what it is computed from, reverse mode to what is computed from it. Derivatives are pairs of names: ("y2", "h1") is
d(y2)/d(h1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from math import prod
from typing import Any, Literal

from grader.diagnosis.chain_rule.numbers import alike, shape_of
from grader.diagnosis.chain_rule.rule import Rule, Term
from grader.diagnosis.recognition.parts import (
    Gain,
    gains,
    is_penalty,
    mentions,
    penalties,
    replaced,
    statistics,
    weights_of,
)
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.exercise.types import Step
from grader.formula.build import NOWHERE, ONE, times
from grader.formula.syntax import (
    Assign,
    Call,
    Derivative,
    Expression,
    Index,
    Name,
    Number,
    names,
    statements,
    text,
    walk,
)

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Link:
    """One local step of the chain rule; `rest` is None if it is 1: d(y)/d(y)."""

    mode: Literal["forward", "reverse"]
    statement: Assign
    argument: str
    rest: Pair | None

    @property
    def operation(self) -> str:
        """The statement's operation, if it is a function of the argument alone; otherwise ""."""
        match self.statement.value:
            case Call(operation=operation, arguments=(Name(id=inner), *others)) if inner == self.argument:
                return operation if all(isinstance(one, Number) for one in others) else ""
        return ""

    @property
    def exponent(self) -> float | None:
        """k of `a**k`, or of `(a + 1e-5)**k`; None for other statements."""
        match self.statement.value:
            case Call("pow", (Name() | Call("add", (Name(), Number())), Number(value=exponent))):
                return exponent
            case Call("square", (Name(),)):
                return 2
        return None

    @property
    def partners(self) -> frozenset[str]:
        """The names that the argument is multiplied by in the statement."""
        found: set[str] = set()
        for node in walk(self.statement.value):
            if isinstance(node, Call) and node.operation in ("mul", "matmul"):
                factors = product(node)
                if any(isinstance(one, Name) and one.id == self.argument for one in factors):
                    found |= {one.id for one in factors if isinstance(one, Name)} - {self.argument}
        return frozenset(found)


def links(context: Context) -> tuple[Link, ...]:
    """Return the links of the step whose `rest` is 1, is a step of the exercise, or is held by some name (such as a
    given `dout`). Empty for families over time."""
    if "links" not in context.memory:
        context.memory["links"] = _links(context)
    found: tuple[Link, ...] = context.memory["links"]
    return found


def _links(context: Context) -> tuple[Link, ...]:
    pair = pair_of(context.step)
    if pair is None:
        return ()
    of, by = pair
    program = {one.name: one for one in statements(context.exercise.program) if not one.keys}
    asked = {pair_of(step) for step in context.exercise.steps}
    found: list[Link] = []

    def there(rest: Pair) -> bool:
        above, below = (Name(one, NOWHERE) for one in rest)
        return rest in asked or context.in_students_names(Derivative(above, below, None, False, NOWHERE)) is not None

    rest: Pair | None
    if of in program:
        for argument in sorted(names(program[of].value)):
            rest = None if argument == by else (argument, by)
            if rest is None or there(rest):
                found.append(Link("forward", program[of], argument, rest))
    for statement in program.values():
        rest = None if statement.name == of else (of, statement.name)
        if by in names(statement.value) and (rest is None or there(rest)):
            found.append(Link("reverse", statement, by, rest))
    return tuple(found)


def pair_of(step: Step) -> Pair | None:
    """Return the pair of a step that is a plain total derivative; None for other steps."""
    match step.quantity:
        case Derivative(of=Name(id=of), by=Name(id=by), via=None, partial=False):
            return of, by
        case _:
            return None


def derivative(node: Expression, context: Context) -> Pair | None:
    """Return the derivative that a name holds; None if it holds none."""
    quantity = context.holds(node)
    return next((pair_of(step) for step in context.exercise.steps if step.name == quantity), None)


def value(node: Expression, context: Context) -> str | None:
    """Return the input or forward quantity that a name holds; None if it holds none."""
    quantity = context.holds(node)
    known = {one.name for one in context.exercise.inputs} | {step.name for step in context.exercise.forward_steps}
    return quantity if quantity in known else None


def is_base(node: Expression, link: Link, context: Context) -> bool:
    """Whether a power of this node is one of the link's argument: the argument itself, or `var + 1e-5` for `var`."""
    match node:
        case Call("add", (inner, Number())):
            return value(inner, context) == link.argument
        case _:
            return value(node, context) == link.argument


def put_in(edit: Edit) -> tuple[Name, ...]:
    """Return the names that an edit writes; those that it only moves are left out."""
    before = list(walk(edit.before))
    return tuple(one for one in walk(edit.after) if isinstance(one, Name) and not any(one is old for old in before))


def product(node: Expression) -> tuple[Expression, ...]:
    """Return the factors of a product, in any bracketing."""
    if isinstance(node, Call) and node.operation in ("mul", "matmul"):
        return (*product(node.arguments[0]), *product(node.arguments[1]))
    return (node,)


def summands(node: Expression) -> tuple[Expression, ...]:
    """Return the summands of a sum, in any bracketing."""
    if isinstance(node, Call) and node.operation == "add":
        return (*summands(node.arguments[0]), *summands(node.arguments[1]))
    return (node,)


def is_number(node: Expression, number: float) -> bool:
    return isinstance(node, Number) and node.value == number


def squared(node: Expression) -> Expression | None:
    """Return x of `x**2`, `square(x)` and `x * x`; otherwise None."""
    match node:
        case Call("pow", (base, Number(value=2))) | Call("square", (base,)):
            return base
        case Call("mul", (Name(id=left) as name, Name(id=right))) if left == right:
            return name
        case _:
            return None


def one_minus(node: Expression) -> Expression | None:
    """Return x of `1 - x`; otherwise None."""
    match node:
        case Call("sub", (one, other)) if is_number(one, 1):
            return other
        case _:
            return None


def output_of(node: Expression, operation: str, context: Context) -> bool:
    """Whether a name holds the output of `operation`."""
    if isinstance(node, Name) and context.output_of(node.id) == operation:
        return True
    return context.activations.get(value(node, context) or "", ("", ""))[0] == operation


def slope_of(node: Expression, context: Context) -> str | None:
    """Return the quantity whose local derivative this is: `1 - h**2` of a tanh, `s * (1 - s)` of a sigmoid."""
    inner = one_minus(node)
    base = None if inner is None else squared(inner)
    if base is not None and output_of(base, "tanh", context):
        return value(base, context)
    factors = product(node)
    if len(factors) == 2:
        for own, rest in (factors, factors[::-1]):
            other = one_minus(rest)
            if (
                other is not None
                and output_of(own, "sigmoid", context)
                and value(other, context) == value(own, context)
            ):
                return value(own, context)
    return None


def new_factor(edit: Edit) -> Expression | None:
    """Return the factor that the edit adds to `before`; otherwise None."""
    match edit.before, edit.after:
        case Call("neg", (inner,)), Call("mul", (Number(value=value) as number, other)) if other is inner:
            return replace(number, value=-value)  # `-2 * x` for `-x`
        case _, Call("mul", (left, right)) if edit.kind == "missing_factor":
            return right if left is edit.before else left
        case _:
            return None


def new_divisor(edit: Edit) -> Expression | None:
    """Return the divisor that the edit adds to `before`; otherwise None."""
    match edit.after:
        case Call("div", (left, right)) if edit.kind == "missing_factor" and left is edit.before:
            return right
        case _:
            return None


def dropped(edit: Edit) -> Expression | None:
    """Return the factor or summand that the edit removes; otherwise None."""
    match edit.before:
        case Call(arguments=(left, right)) if edit.kind in ("extra_factor", "extra_term"):
            return right if edit.after is left else left
        case _:
            return None


def further_axes(edit: Edit) -> bool:
    """Whether the edit lets a sum run over more axes: over all of those it had, and others."""
    match edit.before, edit.after:
        case Call("sum", (inner,), had), Call("sum", (other,), has) if edit.kind == "axis" and inner is other:
            before, after = (_axes(dict(options).get("dim")) for options in (had, has))
            return bool(before) and before < after
        case _:
            return False


def _axes(dim: Expression | None) -> frozenset[float]:
    """Return the axes of a reduction that are given as numbers; empty if none are."""
    return frozenset() if dim is None else frozenset(one.value for one in walk(dim) if isinstance(one, Number))


def term_of(link: Link) -> frozenset[str | Pair]:
    """Return a link's term in the chain rule of a linear step: the other factor and the derivative it multiplies."""
    rest: set[str | Pair] = set() if link.rest is None else {link.rest}
    return frozenset(rest | link.partners)


def made_of(node: Expression, context: Context) -> frozenset[str | Pair] | None:
    """Return the quantities of a product of names; None if a factor is something else."""
    found: set[str | Pair] = set()
    for factor in product(node):
        if isinstance(factor, Call) and factor.operation == "transpose_all":
            factor = factor.arguments[0]
        held = value(factor, context) or derivative(factor, context)
        if held is None:
            return None
        found.add(held)
    return frozenset(found)


def adds_a_term(edit: Edit, context: Context) -> bool:
    """Whether the edit adds a whole term of a derivative that has several: as the program's factors, or as the chain
    rule has it."""
    if edit.kind not in ("missing_term", "missing_product") or not isinstance(edit.after, Call):
        return False
    if edit.after.operation != "add":
        return False
    added = edit.after.arguments[1]
    several = [link for link in links(context) if link.mode == "reverse"]
    rule = context.rule
    back = rule is not None and all(
        term.upstream is None or text(term.upstream.of) == text(rule.of) for term in rule.terms
    )
    told = {text(one) for term in context.terms for one in summands(term)} if back else set()
    as_factors = len(several) > 1 and made_of(added, context) in [term_of(link) for link in several]
    return bool(several) and (as_factors or (len(told) > 1 and text(added) in told))


def same_role(first: str, second: str, context: Context) -> bool:
    """Whether two quantities are used in the same way in the program, for example as the second factor of a product."""
    roles = _roles(context)
    return first != second and bool(roles.get(first)) and roles.get(first) == roles.get(second)


def neighbours(first: str, second: str, context: Context) -> bool:
    """Whether one of two quantities is a function of the other alone."""
    table: Mapping[str, Pair] = context.activations
    return any(table.get(one, ("", ""))[1] == other for one, other in ((first, second), (second, first)))


def _roles(context: Context) -> dict[str, set[tuple[str, int]]]:
    found: dict[str, set[tuple[str, int]]] = {}
    for statement in statements(context.exercise.program):
        for operation, place, name in _uses(statement.value):
            found.setdefault(name, set()).add((operation, place))
    return found


def _uses(node: Expression) -> Iterator[tuple[str, int, str]]:
    for inner in walk(node):
        if isinstance(inner, Call):
            for place, argument in enumerate(inner.arguments):
                if isinstance(argument, Name):
                    yield inner.operation, place, argument.id


def flips_all(edit: Edit) -> bool:
    """Whether flipping the sign of `before` flips that of the whole line."""
    for inner, outer in zip((edit.before, *edit.ancestors), edit.ancestors, strict=False):
        if not isinstance(outer, Call) or outer.operation not in (
            "mul",
            "div",
            "matmul",
            "neg",
            "transpose_all",
            "sum",
        ):
            return False
        if outer.operation == "mul" and slope_like(outer, inner):
            return False
    return True


def slope_like(whole: Call, part: Expression) -> bool:
    """Whether `part` is a name in a product with `1 - name`: then its sign belongs to a local derivative."""
    others = [one_minus(one) for one in product(whole) if one is not part]
    return isinstance(part, Name) and any(isinstance(one, Name) and one.id == part.id for one in others)


Slope = Callable[[Expression, Expression], Expression]
"""A local derivative as a function of argument and result."""


def shown_by_slopes(**wrong: Slope) -> Callable[[StepValues], bool]:
    """Return a test whether values are the derivative with these local derivatives, by operation, in place of the right
    ones."""

    def fits_values(step_values: StepValues) -> bool:
        return any(
            step_values.is_worth(formula)
            for operation, make in wrong.items()
            for formula in step_values.with_slopes(operation, make)
        )

    return fits_values


def is_told_apart(rule: Rule, term: Term) -> bool:
    """Whether a missing term is another misconception: it goes through a statistic whose derivative is no step."""
    by = text(rule.by)
    return not (term.asked or term.summed_up) and any(mentions(node, by) for node in statistics(term.statement.value))


def shown_by_local(**wrong: Slope) -> Callable[[StepValues], bool]:
    """Return a test whether values are the upstream gradient times these local derivatives, by operation."""

    def fits_values(step_values: StepValues) -> bool:
        terms = () if step_values.rule is None else step_values.rule.terms
        if len(terms) != 1 or terms[0].activation is None or terms[0].activation[0] not in wrong:
            return False
        operation, argument, result = terms[0].activation
        return step_values.is_worth(times(wrong[operation](argument, result), terms[0].upstream or ONE))

    return fits_values


def shown_by_power(make: Callable[[Expression, float], Expression]) -> Callable[[StepValues], bool]:
    """Return a test whether values are the upstream gradient times `make(x, k)`, if the program has x**k."""

    def fits_values(step_values: StepValues) -> bool:
        terms = () if step_values.rule is None else step_values.rule.terms
        match [term.statement.value for term in terms]:
            case [Call("pow", (Name() | Index() as base, Number(value=k)))] if k != 1:
                return step_values.is_worth(times(make(base, k), terms[0].upstream or ONE))
            case _:
                return False

    return fits_values


# mistakes that are recognised both by edits and by values


def is_in_place_of_upstream(edit: Edit, context: Context) -> bool:
    """Whether the edit replaces the upstream gradient of a link, inside a local derivative or activation, with the
    output or argument of the link's activation."""
    pair, after = derivative(edit.before, context), value(edit.after, context)
    if edit.kind != "operand" or pair is None or after is None or not _is_in_slope(edit):
        return False
    for link in links(context):
        own = link.rest == pair and after in (link.statement.name, link.argument)
        if own and link.operation in ("tanh", "sigmoid", "relu", "softmax"):
            return True
    return False


def _is_in_slope(edit: Edit) -> bool:
    """Whether `edit.before` is inside a power, an activation, a `1 - x` or a comparison."""
    for inner, outer in zip((edit.before, *edit.ancestors), edit.ancestors, strict=False):
        if isinstance(outer, Call) and outer.operation in ("pow", "square", "tanh", "sigmoid", "softmax", "gt", "ge"):
            return True
        if one_minus(outer) is inner:
            return True
    return False


def penalty_added(edit: Edit, context: Context) -> bool:
    """Whether the edit adds the summand that a penalty of the program contributes to this step."""
    if edit.kind not in ("missing_term", "missing_product") or not isinstance(edit.after, Call):
        return False
    pair = pair_of(context.step)
    if pair is None or edit.after.operation != "add":
        return False
    term = edit.after.arguments[1]
    read = {value(Name(name, NOWHERE), context) for name in names(term)}
    return any(
        pair[1] in read and read & weights_of(part) and read <= names(part)
        for statement in statements(context.exercise.program)
        for part in (*penalties(statement, context.exercise), statement.value)
        if is_penalty(part, context.exercise)
    )


def wrong_constant_in_summand(edit: Edit, context: Context) -> bool:
    """Whether the edit changes or inserts a constant factor in one of several summands of the line, in a step that goes
    through no power."""
    if any(link.exponent is not None for link in links(context)):
        return False
    if edit.kind == "constant" and isinstance(edit.before, Number) and isinstance(edit.after, Number):
        around = edit.ancestors
        if not around or not isinstance(around[0], Call) or around[0].operation not in ("mul", "div"):
            return False
    elif (
        edit.kind != "missing_factor"
        or not isinstance(edit.after, Call)
        or not any(isinstance(one, Number) for one in edit.after.arguments)
    ):
        return False
    return in_one_summand(edit)


def in_one_summand(edit: Edit) -> bool:
    """Whether `edit.before` is a factor of one of several summands of the line."""
    inner: Expression = edit.before
    for outer in edit.ancestors:
        if not isinstance(outer, Call):
            return False
        if outer.operation in ("add", "sub"):
            return not any(isinstance(one, Number) and one.value == 1 for one in outer.arguments if one is not inner)
        if outer.operation not in ("mul", "div", "matmul", "neg", "transpose_all", "sum"):
            return False
        if outer.operation == "div" and outer.arguments[1] is inner:
            return False
        inner = outer
    return False


def shares_of_summands(step_values: StepValues) -> tuple[tuple[float, int], ...]:
    """Return, for summands of the derivative, how many times the student's values contain it if all others are right,
    and its sign in the derivative. Summands that are multiples of one another count as one."""
    parts = _summands_of(step_values)
    if len(parts) < 2:
        return ()
    found = ((_share(step_values, values), sign) for values, sign in parts)
    return tuple((share, sign) for share, sign in found if share is not None)


def _summands_of(step_values: StepValues) -> list[tuple[list[Any], int]]:
    """Return the values of each summand at every point, with its sign."""
    found: list[tuple[list[Any], int]] = []
    for summand, sign in step_values.summands:
        values = [step_values.derivation.value(summand, k) for k in step_values.points]
        if any(one is None for one in values):
            return []
        mine = [sign * one for one in values]
        like = next((place for place, (other, _) in enumerate(found) if _are_multiples(mine, other)), None)
        if like is None:
            found.append((mine, sign))
        else:
            added = [one + other for one, other in zip(mine, found[like][0], strict=True)]
            found[like] = added, found[like][1]
    return found


def _are_multiples(values: list[Any], others: list[Any]) -> bool:
    ratio = _multiple(values[0], others[0])
    pairs = zip(values, others, strict=True)
    return ratio is not None and all(alike(one, ratio * other) for one, other in pairs)


def _multiple(value: Any, other: Any) -> float | None:
    """Return the k for which `k * other` is closest to `value` (least squares); None if the shapes differ."""
    if shape_of(value) != shape_of(other):
        return None
    square, product = other * other, other * value
    if shape_of(other):
        square, product = square.sum(), product.sum()
    return float(product / square) if square else None


def _share(step_values: StepValues, values: list[Any]) -> float | None:
    if shape_of(step_values.own[0]) != shape_of(step_values.right[0]):
        return None
    if not shape_of(values[0]) and all(alike(one, values[0]) for one in values):
        return None  # a multiple of a number that never changes is just another number
    more = _multiple(step_values.own[0] - step_values.right[0], values[0])
    if more is None or not step_values.equals_right_plus(more, values):
        return None
    return round(1 + more, 9)


def shown_by_gain(
    put: Callable[[Name], Expression], afterwards: Callable[[Any, Any], Any] = lambda value, gain: value
) -> Callable[[StepValues], bool]:
    """Return a test whether values are the derivative with `put(gain)` in place of the gain of a normalisation, after
    `afterwards(value, gain)` is applied to it."""

    def fits_values(step_values: StepValues) -> bool:
        return any(
            _is_worth_with(step_values, gain) for gain in gains(step_values.passed, step_values.derivation.exercise)
        )

    def _is_worth_with(step_values: StepValues, gain: Gain) -> bool:
        def change(one: Assign) -> Assign:
            other = replaced(one.value, gain.node, put(gain.node))
            return replace(one, value=other) if one is gain.statement else one

        def make(value: Any, point: int) -> Any:
            return afterwards(value, step_values.derivation.value(gain.node, point))

        pair = step_values.pair
        return pair is not None and gain.node.id != text(pair[1]) and step_values.changed(change, make)

    return fits_values


def counts(step_values: StepValues) -> frozenset[int]:
    """Return the numbers of entries that the program takes means over."""
    derivation = step_values.derivation
    fixed = {one.name: one for one in derivation.exercise.inputs if one.whole and one.fixed and not one.shape}
    lengths = {size for one in derivation.exercise.inputs for size in one.shape if size > 2}
    found: set[int] = set()
    for node in (part for one in derivation.statements for part in walk(one.value)):
        match node:
            case Call("mean" | "mse_loss", (argument, *_)):
                size, left = prod(derivation.shape(argument) or ()), prod(derivation.shape(node) or ())
                found.add(size // left if node.operation == "mean" and left else size)
            case Call("div", (_, Number(value=int(size)))) if size in lengths:
                found.add(size)
            case Call("div", (_, Name(id=name))) if name in fixed:
                found.add(int(derivation.value(Name(name, NOWHERE), 0)))
            case Call("cross_entropy", (argument, *_)):
                found.add((*(derivation.shape(argument) or ()), 1)[0])
    return frozenset(one for one in found if one > 1)


def sizes(step_values: StepValues) -> frozenset[int]:
    """Return the axis lengths of the inputs, and the products of two of them in one input; without 0, 1 and 2."""
    shapes = [one.shape for one in step_values.derivation.exercise.inputs]
    pairs = {left * right for shape in shapes for left, right in combinations(shape, 2)}
    return frozenset({size for shape in shapes for size in shape} | pairs) - {0, 1, 2}
