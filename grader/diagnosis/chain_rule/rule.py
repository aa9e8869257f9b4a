"""The chain rule of a derivative: its terms, and its text as a student would write it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.formula.build import NOWHERE, ONE, added, call, cancelled, number, signs_first
from grader.formula.syntax import Assign, Call, Derivative, Expression, Index, Name, Number, Slice, text, walk

TOLD = 4
"""How many terms of a rule are shown; of more, only the first two and the last."""


@dataclass(frozen=True, slots=True)
class Term:
    """One summand of a chain rule: the contribution of the path through the quantity `through`.

    `value`: a formula over inputs, forward quantities and derivatives. `upstream`: the derivative in it, None if that
    is 1. `statement`: the program line of the local derivative. `known`: False if the local derivative has no formula.
    `asked`: False if the upstream is no step of the exercise. `summed_up`: whether the path goes through a single
    number that only single numbers are computed from, as the terms of a loss are."""

    through: Expression
    value: Expression
    upstream: Derivative | None
    statement: Assign
    known: bool = True
    asked: bool = True
    summed_up: bool = False

    @property
    def local(self) -> Expression | None:
        """The local derivative, if the term is its elementwise product with the upstream; otherwise None."""
        match self.value:
            case Call("mul", (local, upstream)) if upstream == self.upstream:
                return local
            case Call("mul", (upstream, local)) if upstream == self.upstream:
                return local
            case Call("div", (upstream, divisor)) if upstream == self.upstream:
                return call("div", ONE, divisor)
            case _:
                return None

    @property
    def activation(self) -> tuple[str, Expression, Expression] | None:
        """The operation, argument and result, if the line applies one function to one quantity; otherwise None."""
        match self.statement.value:
            case Call(operation, (Name() | Index() as argument,)):
                return operation, argument, target_of(self.statement)
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Rule:
    """The chain rule of d(of)/d(by); `by_is_given` says whether `by` is an input."""

    of: Expression
    by: Expression
    terms: tuple[Term, ...]
    by_is_given: bool = False

    @property
    def known(self) -> bool:
        return all(term.known for term in self.terms)

    @property
    def formula(self) -> Expression:
        """The right-hand side."""
        return added([term.value for term in self.terms])

    def without(self, left_out: Term) -> Expression | None:
        """Return the right-hand side without one term; None if it is the only one."""
        rest = [term.value for term in self.terms if term is not left_out]
        return added(rest) if rest else None

    @property
    def upstreams(self) -> frozenset[str]:
        return frozenset(text(term.upstream) for term in self.terms if term.upstream is not None)

    @property
    def names(self) -> frozenset[str]:
        """The inputs and forward quantities in the rule, except inside derivatives: `h1`, `h[2]`."""
        return frozenset(name for term in self.terms for name in atoms(term.value))

    def as_text(
        self,
        called: Mapping[str, str],
        written: Callable[[Expression], str] = text,
        within: Mapping[str, str] | None = None,
    ) -> str:
        """Return the rule as text: `d(h1)/d(w_h) = (1 - h1**2) * d(h1_raw)/d(w_h)`. `called` maps quantities to the
        student's names, `within` those inside derivatives (None: the same); `written` writes a formula in the student's
        library."""
        inside = called if within is None else within

        def renamed(found: re.Match[str]) -> str:
            names = inside if found[0].startswith("d(") else called
            return _WORD.sub(lambda name: names.get(name[0], name[0]), found[0])

        terms = [_spoken(written(cancelled(signs_first(one)))) for one in _collected(self.terms)]
        if len(terms) > TOLD:
            terms = [terms[0], terms[1], "...", terms[-1]]
        whole = f"{text(total_of(self.of, self.by))} = {' + '.join(terms)}".replace("+ -", "- ")
        return _NAME.sub(renamed, whole)


def _collected(terms: Sequence[Term]) -> list[Expression]:
    """The values of the terms, one that occurs several times written once with a number: both factors of `W * W` send
    the same back."""
    found: dict[str, list[Expression]] = {}
    for value in (one for term in terms for one in _summands(term.value)):
        found.setdefault(text(value), []).append(value)
    return [same[0] if len(same) == 1 else _times(len(same), same[0]) for same in found.values()]


def _summands(value: Expression) -> Iterator[Expression]:
    match value:
        case Call("add", (first, second)):
            yield from _summands(first)
            yield from _summands(second)
        case _:
            yield value


def _times(count: int, value: Expression) -> Expression:
    """The product with a number, which is put in front: `2 * W * reg`."""
    match value:
        case Call("mul" | "div", (first, second)):
            return replace(value, arguments=(_times(count, first), second))
        case Call("neg", (inner,)):
            return replace(value, arguments=(_times(count, inner),))
        case _:
            return call("mul", number(count), value)


def atoms(node: Expression) -> Iterator[str]:
    """Yield the names and family elements in a formula, except those inside derivatives."""
    match node:
        case Derivative():
            return
        case Name(id=name):
            yield name
        case Index(base=Name(id=name), keys=(Number(value=int()),)):
            yield text(node)
            yield name
        case Call(arguments=arguments):
            for argument in arguments:
                yield from atoms(argument)
        case Index(base=base):
            yield from atoms(base)


def target_of(statement: Assign) -> Expression:
    name = Name(statement.name, NOWHERE)
    return Index(name, statement.keys, NOWHERE) if statement.keys else name


def total_of(of: Expression, by: Expression) -> Derivative:
    return Derivative(of, by, None, False, NOWHERE)


_METHODS = re.compile(r"\b(transpose_all|matrix_transpose)\((\w+(?:\[\w+\])?)\)")
_BRACKETED = re.compile(r"((?:^|[*@+(,] ?))\((d\([^()]*\)/d\([^()]*\))\)(?![.\[]|\*\*)")
_AXIS = re.compile(r"\bunsqueeze\(((?:[^()]|\([^()]*\))*), dim=(\d)\)")


_WORD = re.compile(r"(?<!\.)\b[A-Za-z_]\w*")
_NAME = re.compile(r"d\((?:[^()]|\([^()]*\))*\)/d\([^()]*\)|(?<!\.)\b[A-Za-z_]\w*")
"""A derivative, or a name outside of derivatives."""


def _spoken(written: str) -> str:
    """Return the text of a formula as a student would write it: `x.T`, `h**2`."""
    written = _METHODS.sub(lambda found: f"{found[2]}.{'T' if found[1] == 'transpose_all' else 'mT'}", written)
    written = _BRACKETED.sub(r"\1\2", written)
    return _AXIS.sub(lambda found: f"{found[1]}[{':, ' * int(found[2])}None]", written)


def put_for(node: Expression, old: str, new: Expression) -> Expression:
    """Return `node` with `new` in place of each part whose text is `old`."""
    if text(node) == old:
        return new
    match node:
        case Call(arguments=arguments):
            inner = tuple(put_for(one, old, new) for one in arguments)
            same = all(a is b for a, b in zip(inner, arguments, strict=True))
            return node if same else replace(node, arguments=inner)
        case Index(base=base):
            whole = put_for(base, old, new)
            return node if whole is base else replace(node, base=whole)
        case _:
            return node


def with_counts(node: Expression, names: Mapping[int, str]) -> Expression:
    """Return a formula with names in place of the whole numbers that it divides by: `x / n` for `x / 5`."""
    match node:
        case Call("div", (above, below)):
            return replace(node, arguments=(with_counts(above, names), _divisor(below, names)))
        case Call("pow", (base, exponent)):
            return replace(node, arguments=(with_counts(base, names), exponent))
        case Call(arguments=arguments):
            return replace(node, arguments=tuple(with_counts(one, names) for one in arguments))
        case Index(base=base):
            return replace(node, base=with_counts(base, names))
        case _:
            return node


def _divisor(node: Expression, names: Mapping[int, str]) -> Expression:
    """The same of a divisor, in which every whole number but an exponent may be such a number: `n * sqrt(d)`."""
    match node:
        case Number(value=count) if count in names:
            return Name(names[int(count)], node.place)
        case Call("div", (above, below)):
            return replace(node, arguments=(with_counts(above, names), _divisor(below, names)))
        case Call("pow", (base, exponent)):
            return replace(node, arguments=(_divisor(base, names), exponent))
        case Call(arguments=arguments):
            return replace(node, arguments=tuple(_divisor(one, names) for one in arguments))
        case Index(base=base):
            return replace(node, base=_divisor(base, names))
        case _:
            return node


def counted_from_the_end(node: Expression, shape: Callable[[Expression], Sequence[int] | None]) -> Expression:
    """Return a formula whose slices end as one types them: `x[1:-1]` for `x[1:9]` of 10 entries, `x[4:]` for `x[4:9]`
    of 9, `x[:4]` for `x[0:4]`. `shape` gives the lengths of the axes of an array, None if they are not known."""
    match node:
        case Index(base=base, keys=keys) if any(isinstance(key, Slice) for key in keys):
            lengths = shape(base)
            known = lengths is not None and len(keys) <= len(lengths)
            ends = zip(keys, lengths or (), strict=False) if known else ((key, None) for key in keys)
            typed = tuple(_counted(key, length) for key, length in ends)
            return replace(node, base=counted_from_the_end(base, shape), keys=typed)
        case Call(arguments=arguments):
            return replace(node, arguments=tuple(counted_from_the_end(one, shape) for one in arguments))
        case _:
            return node


def _counted(key: Expression, length: int | None) -> Expression:
    match key:
        case Slice(Number(value=lower), Number(value=upper), None) if length is not None:
            begins = None if lower == 0 else key.start
            if upper == length:
                return replace(key, start=begins, stop=None)
            left = length - upper
            return replace(key, start=begins, stop=number(-left) if left == lower else key.stop)
        case _:
            return key


def put_names_for_derivatives(node: Expression) -> tuple[Expression, dict[str, Expression]]:
    """Return a formula with a name in place of each derivative, and a map from each name in it to what it stands
    for."""
    read: dict[str, Expression] = {}
    for part in walk(node):
        if isinstance(part, Derivative):
            read[text(part)] = part
    for key in read:
        node = put_for(node, key, Name(key, NOWHERE))
    return node, read | {part.id: part for part in walk(node) if isinstance(part, Name) and part.id not in read}
