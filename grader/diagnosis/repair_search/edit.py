"""An edit of an expression: a change of one subtree.

Its kind says what a student would call it; its cost orders the search: replacing one name with another is among the
smallest, a new factor or summand among the largest.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from grader.diagnosis.repair_search.augmented_assignments import ADDED, AGAIN_SUB
from grader.diagnosis.repair_search.subtrees import Rebuild, replaced
from grader.formula.build import is_size_of_matrix
from grader.formula.syntax import Call, Expression, Index, Name, Number, children, text, walk

Kind = Literal[
    "operand", "constant", "power", "sign", "operator", "order", "extra_factor", "extra_term", "function", "inverse",
    "missing_factor", "missing_term", "missing_product", "complement", "transpose", "reduction", "index",
    "accumulation", "statement", "expression", "axis", "kept_axis", "part", "rewritten", "missing_one", "slope",
    "brackets", "exchange", "branch",
]  # fmt: skip


COST: dict[Kind, float] = {
    "operand": 1.0,
    "index": 1.0,
    "sign": 1.0,
    "power": 1.1,
    "constant": 1.2,
    "operator": 1.0,
    "order": 1.2,
    "transpose": 1.15,
    "extra_factor": 1.5,
    "extra_term": 1.5,
    "inverse": 1.5,
    "reduction": 1.5,
    "function": 1.6,
    "missing_factor": 2.0,
    "missing_term": 2.2,
    "missing_product": 2.6,
    "complement": 1.6,
    "accumulation": 1.0,
    "statement": 1.49,  # just below "extra_term": one line too many is preferred to an extra term in an earlier line
    "expression": 1.55,
    "axis": 1.1,
    "kept_axis": 1.1,
    "missing_one": 2.3,
    "slope": 1.15,
    "brackets": 0.95,
    "exchange": 1.25,
    "branch": 1.2,
    "part": 2.7,
    "rewritten": 9.0,
}


def is_call(node: Expression, operation: str) -> bool:
    return isinstance(node, Call) and node.operation == operation


def is_number(node: Expression, *values: float) -> bool:
    return isinstance(node, Number) and node.value in values


@dataclass(frozen=True)
class Edit:
    """Replaces `before`, a subtree of `whole_before`, with `after`. `whole_after` is the resulting expression, made by
    `rebuild` on demand: most edits are rejected without it. `roles`: what `before` is in the whole, see `_roles`."""

    kind: Kind
    before: Expression
    after: Expression
    whole_before: Expression
    rebuild: Rebuild
    roles: frozenset[str] = frozenset()

    @cached_property
    def whole_after(self) -> Expression:
        return self.rebuild(self.after)

    @cached_property
    def ancestors(self) -> tuple[Expression, ...]:
        """The nodes around `before`, innermost first; index nodes (`a[t]`) are left out."""

        def down(node: Expression) -> tuple[Expression, ...] | None:
            if node is self.before:
                return ()
            for child in children(node):
                inside = down(child)
                if inside is not None:
                    return inside if isinstance(node, Index) else (*inside, node)
            return None

        return down(self.whole_before) or ()

    @property
    def cost(self) -> float:
        """The size of the change. Of similar changes the one an author would more likely make costs less: removing a
        sign or a duplicate, swapping the operands of a difference, no factor instead of a factor of 1."""
        match self.kind:
            case "sign" if is_call(self.before, "neg"):
                return COST["sign"] - 0.02
            case "sign" if "divisor" in self.roles:
                return COST["sign"] + 0.01
            case "operand" if "measured" in self.roles:
                return COST["axis"] + 0.05
            case "operator" if isinstance(self.before, Call) and self.before.operation in TURNED_ROUND:
                if any(is_call(one, "neg") for one in self.before.arguments):
                    return COST["sign"]  # the sign is what is wrong
                return COST["sign"] - 0.03
            case "operator" if is_call(self.before, "add") and is_call(self.after, "sub"):
                return COST["operator"] - 0.005  # rather than a sign that is put in
            case "accumulation" if is_call(self.before, AGAIN_SUB) and not is_call(self.after, ADDED):
                return COST["accumulation"] + 0.01  # rather `+=` for `-=`
            case "operator" if self._divides_by_a_negative:
                return COST["constant"] + 0.01  # rather `-0.5 * x` than `x / -2` for `-2 * x`
            case "operator" if self._adds_to_a_number:
                return COST["missing_factor"] + 0.5
            case "order" if isinstance(self.before, Call) and self.before.operation == "sub":
                if is_call(self.before.arguments[0], "pow") and is_number(self.before.arguments[1], 1):
                    return COST["sign"] - 0.01  # `h**2 - 1` for `1 - h**2`
                return COST["sign"] + (0.01 if "second summand" in self.roles else -0.01)
            case "constant" if is_number(self.after, 0, 1, -1) and self._is_factor:
                return COST["extra_term"] + 0.2
            case "missing_product" if is_number(self.before, 1, -1):
                return COST["missing_factor"] - 0.1
            case "missing_one" if is_call(self.before, "neg"):
                return COST["missing_factor"] - 0.1
            case "brackets" if any(is_call(part, "mean") for part in walk(self.before)):
                return COST["reduction"] + 0.01  # `n * x - x.mean()` is more likely meant with a sum
            case "constant" if isinstance(self.after, Index):
                return COST["axis"]
            case "expression" if is_size_of_matrix(self.before) or is_call(self.before, "length"):
                return COST["axis"]  # rather `e / n` than `2 * e / e.size` for `e / e.size`
            case "axis" if isinstance(self.after, Call) and "dim" not in dict(self.after.options):
                return COST["axis"] + 0.01
            case "function" if self._is_twice:
                return COST["sign"] - 0.1
            case "function" if self._is_picked_from:
                return COST["function"] + 0.01
            case "missing_term" | "missing_one" if is_number(self.before, 1, -1):
                return COST["missing_factor"] - 0.1
            case "exchange" if isinstance(self.before, Call) and self.before.operation.endswith("()"):
                return COST["exchange"] - 0.01  # rather than in the function that is called
            case "extra_term" if any(is_number(one, 1) for one in self._gone) and isinstance(self.after, Name | Index):
                return COST["constant"] - 0.05
            case "extra_term" if self._is_doubled(("add", "sub")):
                return COST["sign"] - 0.1
            case "extra_factor" if self._is_doubled(("mul", "div", "matmul")):
                return COST["sign"] - 0.1
            case "extra_factor" if any(
                isinstance(one, Number) and one is not self.after for one in children(self.before)
            ):
                return COST["constant"] - 0.05
        return COST[self.kind]

    @property
    def _gone(self) -> list[Expression]:
        """The operands of `before` that the edit removes: all but `after`."""
        return [one for one in children(self.before) if one is not self.after]

    @property
    def _is_twice(self) -> bool:
        """Whether the edit removes one of two nested calls of the same function."""
        match self.before:
            case Call(operation, (Call(inner, _) as kept,)):
                return operation == inner and self.after is kept
            case _:
                return False

    @property
    def _is_picked_from(self) -> bool:
        """Whether `before` is indexed directly: then the entry could be changed instead."""
        return any(isinstance(part, Index) and part.base is self.before for part in walk(self.whole_before))

    @property
    def _is_factor(self) -> bool:
        """Whether `before` is a factor of a product."""
        parents = (part for part in walk(self.whole_before) if isinstance(part, Call) and part.operation == "mul")
        return any(self.before is one for parent in parents for one in parent.arguments)

    @property
    def _divides_by_a_negative(self) -> bool:
        """Whether a product with a negative number becomes a quotient."""
        match self.before, self.after:
            case Call("mul", (_, factor)), Call("div"):
                return is_call(factor, "neg") or (isinstance(factor, Number) and factor.value < 0)
            case _:
                return False

    @property
    def _adds_to_a_number(self) -> bool:
        """Whether a product with a number becomes a sum: nobody writes `2 * x` for `2 + x`."""
        match self.before, self.after:
            case Call("mul" | "div", inner), Call("add" | "sub"):
                return any(isinstance(one, Number) and abs(one.value) != 1 for one in inner)
            case _:
                return False

    def _is_doubled(self, operations: tuple[str, ...]) -> bool:
        """Whether a removed operand also occurs in `after`, joined to the rest by one of these operations."""
        if not isinstance(self.before, Call):
            return False
        gone = [text(one) for one in self._gone]
        left: list[Expression] = [self.after]
        while left:
            one = left.pop()
            if text(one) in gone:
                return True
            left += one.arguments if isinstance(one, Call) and one.operation in operations else ()
        return False


def moved(edit: Edit, whole: Expression, node: Expression) -> Edit:
    """Return the same edit at `node` of another expression `whole`."""
    return Edit(edit.kind, node, replaced(edit.after, edit.before, node), whole, lambda new: replaced(whole, node, new))


TURNED_ROUND = {"gt": "lt", "lt": "gt", "ge": "le", "le": "ge"}
