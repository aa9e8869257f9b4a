"""Generate the wrong formulas that known misconceptions produce at a step, working backwards from its right formula.

Every small edit of the right formula gives a wrong one. If a misconception of the catalogue recognises the inverse
edit, a student with that misconception would have written the wrong formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.diagnosis.recognition.catalogue import catalogue
from grader.diagnosis.repair_search.edits import Edit, Kind, reductions, single_edits, subtrees
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call, Expression, Name, names, text
from grader.lint.ideal_context import IdealContext

CROWD = 24
"""With more names than this, only names near the right formula are substituted for one another."""

_UNDONE: dict[Kind, tuple[Kind, ...]] = {
    **{kind: (kind,) for kind in (
        "operand", "constant", "power", "sign", "operator", "order", "function", "transpose", "reduction", "index",
    )},
    "extra_factor": ("missing_factor",),
    "missing_factor": ("extra_factor",),
    "extra_term": ("missing_term", "missing_product", "complement"),
    "missing_term": ("extra_term",),
    "complement": ("extra_term",),
}  # fmt: skip
"""For each kind of edit, the kinds of its inverse."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong formula for a step, and the misconception that leads to it."""

    code: str
    formula: Expression

    @property
    def written(self) -> str:
        return text(self.formula)


def mistakes(scenery: IdealContext, context: Context, right: Expression) -> tuple[Mistake, ...]:
    """The wrong formulas that the catalogue's misconceptions produce from the right formula of a step."""
    found: dict[tuple[str, str], Mistake] = {}
    near = _near(scenery, context, right)
    factors = tuple(one for one in context.factors if names(one) <= near)
    swaps = tuple(name for name in context.swaps if name in near)
    for edit in _changes(scenery, right, swaps, factors):
        written = text(edit.whole_after)
        for back in undone(edit):
            for rule in catalogue():
                if (rule.code, written) not in found and rule.recognises(back, context):
                    found[rule.code, written] = Mistake(rule.code, edit.whole_after)
    return tuple(found.values())


def _near(scenery: IdealContext, context: Context, right: Expression) -> frozenset[str]:
    """The names in the formula, in statements that share a name with it, and in steps between; all, if few."""
    everything = frozenset(context.shared)
    if len(everything) <= CROWD:
        return everything
    own = {base_of(part) for name in names(right) for part in (name, *scenery.parts.get(name, ()))}
    near = own.union(*(around for around in scenery.together if around & own))
    near |= {name for name, (_, by) in scenery.parts.items() if base_of(by) in own}
    return frozenset(name for name in everything if name in near or name in names(right) or base_of(name) in near)


def base_of(name: str) -> str:
    """The base of an element: `h` for `h[2]`."""
    return name.partition("[")[0]


def _changes(
    scenery: IdealContext, right: Expression, swaps: Sequence[str], factors: Sequence[Expression]
) -> Iterator[Edit]:
    yield from single_edits(right, swaps, factors)
    if any(scenery.shape(Name(name, right.place)) for name in names(right)):
        for node, rebuild in subtrees(right):
            if isinstance(node, Name | Call):
                yield from (Edit(kind, node, after, right, rebuild) for kind, after in reductions(node))


def undone(edit: Edit) -> Iterator[Edit]:
    """The edits from the wrong formula back to the right one."""
    for kind in _UNDONE.get(edit.kind, ()):
        if kind == "missing_product" and not _is_product_added(edit):
            continue
        if kind == "complement" and not _is_one_minus(edit.before, edit.after):
            continue
        yield Edit(kind, edit.after, edit.before, edit.whole_after, lambda _: edit.whole_before)


def _is_product_added(edit: Edit) -> bool:
    match edit.before:
        case Call("add", (_, Call("mul", (Name(), Name())) as product)):
            return edit.after is not product
    return False


def _is_one_minus(node: Expression, inner: Expression) -> bool:
    return isinstance(node, Call) and node.operation == "sub" and node.arguments[1] is inner
