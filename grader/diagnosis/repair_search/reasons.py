"""Decides whether a formula is right for a reason: it equals the chain rule for any values of its names.

At the points of an exercise many wrong formulas happen to be right: a label is 1, a batch has as many rows as there are
classes, the entries of a column sum to 0. So each name and each length gets independent random values; a formula that
still agrees with a right formula is right by that formula alone.
"""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, Literal

from grader.diagnosis.chain_rule.meaning import Names, StudentMeaning, value_of
from grader.diagnosis.chain_rule.numbers import alike, redrawn, shape_of
from grader.diagnosis.repair_search.subtrees import FILLED, with_formulas
from grader.formula.build import NOWHERE, call
from grader.formula.syntax import Call, Expression, Index, Name, Number, names, text, walk

Reason = Literal["free", "stated", "constant"]

DEEPEST, LARGEST = 6, 400
"""Limits for inlining the program's formulas: rounds of substitution, and nodes of the result."""

DRAWS = 3
"""How many times random values are drawn for the names."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """What proves a formula right for any values of its names.

    `right`: formulas of the same quantity in the student's own names. `held`: the values of the names at one point,
    which give shapes and lengths. `fixed`: names with the same value at every point. `computed`: names that hold
    forward quantities or steps. `unfolded`: inlines the student's helpers. `defined`: formulas of steps that the
    exercise defines by one. `stated`: the program's formulas of forward quantities. `twins`: names that always have the
    value of another name, with that name. `seeds`: names of steps that are certainly 1 or 0."""

    right: tuple[Expression, ...]
    held: Names
    fixed: frozenset[str]
    computed: frozenset[str]
    unfolded: Callable[[Expression], Expression]
    defined: Mapping[str, Expression]
    stated: Mapping[str, Expression]
    twins: Mapping[str, str] = field(default_factory=dict)
    seeds: frozenset[str] = frozenset()

    def hold(self, formula: Expression, meaning: StudentMeaning) -> Reason | None:
        """Return why `formula` is right: "free", for any values of its names; "stated", with the program's formulas for
        them; "constant", only because a derivative in it is 1 or 0. None if it is right only at the given points."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if names(formula).isdisjoint(self.seeds):
                return self._free_or_stated(formula, meaning)
            free = replace(self, fixed=self.fixed - self.seeds)
            found = free._free_or_stated(formula, meaning)
            if found is None and self._free_or_stated(formula, meaning) is not None:
                return "constant"
            return found

    def _free_or_stated(self, formula: Expression, meaning: StudentMeaning) -> Reason | None:
        known: tuple[tuple[Reason, Mapping[str, Expression]], ...] = (("free", {}), ("stated", self.stated))
        for reason, said in known:
            spelled = [self._spelled_out(one, said) for one in (formula, *self.right)]
            if any(self._agree(spelled[0], one, meaning) for one in spelled[1:]):
                return reason
        return None

    def _spelled_out(self, formula: Expression, said: Mapping[str, Expression]) -> Expression:
        spelled = with_formulas(self.unfolded(formula), self.defined)
        for _ in range(DEEPEST if said else 0):
            deeper = with_formulas(spelled, said)
            if sum(1 for _ in walk(deeper)) > LARGEST or text(deeper) == text(spelled):
                break
            spelled = deeper
        return spelled

    def brings_labels(self, formula: Expression, before: Expression) -> bool:
        """Whether `formula` reads an integer array (labels, row numbers) that neither `before` nor a right formula
        reads, and that is not computed: its values may happen to be the ones needed."""
        known = names(before).union(self.computed, *map(names, self.right))
        return any(_is_whole(self.held.get(name)) for name in names(formula) - known)

    def _agree(self, formula: Expression, right: Expression, meaning: StudentMeaning) -> bool:
        have, want = (_Counted(self.held, meaning).put(one) for one in (formula, right))
        for counts_are_free in (True, False):
            pairs = [
                (value_of(have, drawn, meaning), value_of(want, drawn, meaning))
                for drawn in self._draws(names(have) | names(want) | meaning.free, counts_are_free)
            ]
            known = [pair for pair in pairs if pair[1] is not None and _is_finite(pair[1])]
            if known:
                return all(alike(one, other) or _reshaped(one, other) for one, other in known)
        return False

    def _draws(self, needed: frozenset[str], counts_are_free: bool) -> Iterator[dict[str, Any]]:
        source = random.Random(0)
        for number in range(DRAWS):
            least = -1.5 if number else 0.5  # a logarithm needs one draw of positive values, a mask one with both signs
            drawn = {
                name: self._drawn(name, source, least, counts_are_free)
                for name in sorted({self.twins.get(name, name) for name in needed})
                if name.startswith(COUNT) or name in self.held
            }
            yield {name: drawn[one] for name in needed if (one := self.twins.get(name, name)) in drawn}

    def _drawn(self, name: str, source: random.Random, least: float, counts_are_free: bool) -> Any:
        if name.startswith(COUNT):
            return _count(name, source, counts_are_free)
        value = self.held[name]
        # A value that is the same at every point is a constant of the program: a seed of 1, a derivative of 0. A matrix
        # of different numbers is a given one, which may be symmetric.
        constant = name in self.fixed and not _is_whole(value) and not _is_varied(value)
        return value if constant else redrawn(value, source, least)


def equal_names(names: Sequence[Names]) -> dict[str, str]:
    """Return each name that has the very values of another one at every point, with the first of such names. Whole
    numbers and masks are left out, as they may be the same by chance."""
    first: dict[tuple[object, ...], str] = {}
    found = {}
    for name in names[0]:
        values = tuple(_bits(held.get(name)) for held in names)
        if any(value is None for value in values):
            continue
        if (other := first.setdefault(values, name)) != name:
            found[name] = other
    return found


def _bits(value: Any) -> object:
    if isinstance(value, float):
        return value
    return (value.shape, value.tobytes()) if shape_of(value) and value.dtype.kind == "f" else None


COUNT = "#"
"""Prefix of a name that stands for a length; the length follows: `#5`."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """Replaces each length by a name, so that another value can be drawn for it; a mean becomes a sum divided by a
    length, one of all entries by each."""

    held: Names
    meaning: StudentMeaning

    @property
    def _sizes(self) -> frozenset[int]:
        """Axis lengths that a formula may contain as a literal; without 1 and 2, which often mean something else."""
        return frozenset(size for value in self.held.values() for size in shape_of(value) if size > 2)

    def put(self, node: Expression) -> Expression:
        match node:
            case Number(value=number) if number in self._sizes:
                return Name(f"{COUNT}{int(number)}", node.place)
            case Name(id=name) if type(self.held.get(name)) is int:
                return Name(f"{COUNT}{self.held[name]}", node.place)
            case Call("length") | Index(base=Call("shape_of")):
                length = value_of(node, self.held, self.meaning)
                return node if length is None else Name(f"{COUNT}{int(length)}", node.place)
            case Call("full", (), options):  # its sizes stay as they are
                filled = tuple((key, self.put(one) if key == FILLED else one) for key, one in options)
                return replace(node, options=filled)
            case Call("mean", (inner,), options):
                return self._mean(node, inner, options)
            case Call("pow", (base, Number() as exponent)):  # an exponent is no length
                return replace(node, arguments=(self.put(base), exponent))
            case Call(arguments=inner):
                return replace(node, arguments=tuple(map(self.put, inner)))
            case Index(base=base):
                return replace(node, base=self.put(base))
            case _:
                return node

    def _mean(self, node: Call, inner: Expression, options: tuple[tuple[str, Expression], ...]) -> Expression:
        total = replace(node, operation="sum", arguments=(self.put(inner),))
        lengths = [size for size in shape_of(value_of(inner, self.held, self.meaning)) if size != 1]
        if len(lengths) > 1 and not options:
            axes = (Name(f"{COUNT}{size}", NOWHERE) for size in lengths)
            return reduce(lambda whole, axis: call("div", whole, axis), axes, total)
        ones = Call("sum", (call("ones_like", inner),), options, NOWHERE)
        size = value_of(ones, self.held, self.meaning)
        if size is None:
            return node
        number = size.flat[0] if shape_of(size) else size
        return call("div", total, Name(f"{COUNT}{int(number)}", NOWHERE))


def _count(name: str, source: random.Random, is_free: bool) -> Any:
    number = int(name[1:])
    # Truncated to an integer this is the original length, so shapes stay the same.
    return number + source.uniform(0.1, 0.4) if is_free else number


def _is_whole(value: Any) -> bool:
    return bool(shape_of(value)) and value.dtype.kind in "iu"


def _is_varied(value: Any) -> bool:
    return len(shape_of(value)) > 1 and bool((value != value.flat[0]).any())


def _is_finite(value: Any) -> bool:
    if isinstance(value, int | float):
        return math.isfinite(value)
    if not shape_of(value) and not hasattr(value, "dtype"):
        return False
    import numpy

    return bool(numpy.isfinite(value).all())


def _reshaped(value: Any, wanted: Any) -> bool:
    """Whether two arrays differ only by axes of length 1; such shapes are judged elsewhere."""
    if value is None or not (hasattr(value, "squeeze") and hasattr(wanted, "squeeze")):
        return False
    return value.shape != wanted.shape and alike(value.squeeze(), wanted.squeeze())
