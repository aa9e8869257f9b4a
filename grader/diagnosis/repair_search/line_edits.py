"""Generates the edits of a whole line, and of several of its parts together: a missing factor or summand of all of it,
the derivative of another activation, two names exchanged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from grader.diagnosis.repair_search.augmented_assignments import is_built
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.repair_search.subtree_edits import factors_of
from grader.diagnosis.repair_search.subtrees import replaced, subtrees
from grader.formula.build import NOWHERE, begins_with_sign, negative
from grader.formula.syntax import Call, Expression, Name, children, text, walk


def scalings(whole: Expression, constants: Sequence[Expression]) -> Iterator[Edit]:
    """Yield edits that add a missing constant factor or divisor to the whole line."""
    inner = _right_side(whole)
    for constant in constants:
        for operation in ("div", "mul"):
            after = Call(operation, (inner, constant), (), whole.place)
            yield Edit("missing_factor", inner, after, whole, lambda new: replaced(whole, inner, new))


def missing_products(whole: Expression, names: Sequence[str], terms: Sequence[Expression]) -> Iterator[Edit]:
    """Yield edits that add a summand to the whole line: a term of the chain rule (such as the second use of a shared
    weight), or a product of two names."""
    inner = _right_side(whole)
    place = whole.place
    pairs = (Call("mul", (Name(a, place), Name(b, place)), (), place) for a, b in combinations(names, 2))
    for term in (*terms, *pairs):
        signed = begins_with_sign(term)
        after = Call("sub", (inner, negative(term)), (), place) if signed else Call("add", (inner, term), (), place)
        yield Edit("missing_product", inner, after, whole, lambda new: replaced(whole, inner, new))


def _right_side(whole: Expression) -> Expression:
    """Return the expression on the right of `=` or `+=`."""
    return whole.arguments[0] if isinstance(whole, Call) and is_built(whole) else whole


def slopes(whole: Expression, exchanged: Sequence[tuple[Expression, Expression]]) -> Iterator[Edit]:
    """Yield edits that replace the derivative of one activation with that of another: of each pair in `exchanged` the
    first, as a subtree or as factors of a product, becomes the second."""
    for node, rebuild in subtrees(whole):
        for wrong, right in exchanged:
            if text(node) == text(wrong):
                yield Edit("slope", node, right, whole, rebuild)
            elif isinstance(node, Call) and node.operation == "mul":
                rest = _without(factors_of(node, node.place.line), factors_of(wrong))
                if rest:
                    product = right
                    for factor in reversed(rest):
                        product = Call("mul", (factor, product), (), node.place)
                    yield Edit("slope", node, product, whole, rebuild)


def exchanged(whole: Expression) -> Iterator[Edit]:
    """Yield edits that exchange two names of a line with one another, each at one place."""
    leaves = [node for node, _ in subtrees(whole) if isinstance(node, Name)]
    for one, other in combinations(leaves[:MOST_LEAVES], 2):
        if one.id != other.id and one.place.line == other.place.line:
            around = _smallest_around(whole, one, other)
            beside = all(any(child is leaf for child in children(around)) for leaf in (one, other))
            if beside and not (isinstance(around, Call) and around.operation.endswith("()")):
                continue  # of two operands the order is changed above
            parked = Name("", NOWHERE)
            after = replaced(replaced(replaced(around, one, parked), other, one), parked, other)
            yield Edit("exchange", around, after, whole, lambda new, around=around: replaced(whole, around, new))  # type: ignore[misc]  # no type for a default


MOST_LEAVES = 14
"""How many names of a line are exchanged with one another, at most."""


def _smallest_around(whole: Expression, *parts: Expression) -> Expression:
    """Return the smallest part of an expression that contains all of `parts`."""
    while inner := [one for one in children(whole) if all(any(p is q for q in walk(one)) for p in parts)]:
        whole = inner[0]
    return whole


def _without(factors: Sequence[Expression], some: Sequence[Expression]) -> list[Expression]:
    """Return `factors` without `some`; empty if one of `some` is not among them."""
    left = list(factors)
    for one in some:
        found = next((place for place, factor in enumerate(left) if text(factor) == text(one)), None)
        if found is None:
            return []
        del left[found]
    return left
