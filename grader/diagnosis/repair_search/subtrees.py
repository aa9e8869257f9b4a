"""Lists the subtrees of an expression, and puts another expression in place of one."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import replace

from grader.formula.syntax import Call, Expression, Index, Name
from grader.formula.syntax import Sequence as Items

Rebuild = Callable[[Expression], Expression]


FILLED = "fill_value"
"""The option of `full` that is a value; the other options are sizes and axes."""


def subtrees(whole: Expression) -> Iterator[tuple[Expression, Rebuild]]:
    """Yield every subtree once, with a function that rebuilds the whole with another expression in its place. If an
    inlined helper is read more than once, all its occurrences are replaced."""
    seen: set[int] = set()
    around: dict[int, set[int]] = {}

    def rebuilt(node: Expression, new: Expression) -> Expression:
        if not around:
            _note_around(whole, (), around)
        return replaced(whole, node, new, around[id(node)])

    def below(node: Expression) -> Iterator[tuple[Expression, Rebuild]]:
        if id(node) in seen:
            return
        seen.add(id(node))
        yield node, lambda new: rebuilt(node, new)
        for one in _edited_below(node):
            yield from below(one)

    yield from below(whole)


def _edited_below(node: Expression) -> tuple[Expression, ...]:
    match node:
        case Call("full", (), options):
            return tuple(one for key, one in options if key == FILLED)
        case Call(arguments=inner) | Items(items=inner):
            return inner
        case Index(base=base):
            # Only `_of_index` edits index keys: a negated key would count from the end.
            return (base,)
        case _:
            return ()


def _note_around(node: Expression, outer: tuple[int, ...], around: dict[int, set[int]]) -> None:
    """Note for each node, by identity, which nodes it stands in."""
    around.setdefault(id(node), set()).update(outer)
    for one in _edited_below(node):
        _note_around(one, (*outer, id(node)), around)


def replaced(whole: Expression, old: Expression, new: Expression, around: Container[int] | None = None) -> Expression:
    """Return `whole` with the node `old`, compared by identity, replaced by `new`. Subtrees without it are reused.
    `around`: the identities of the nodes that `old` stands in, if they are known; no others are looked into."""
    if whole is old:
        return new
    if around is not None and id(whole) not in around:
        return whole
    match whole:
        case Call("full", (), options):
            filled = tuple((key, replaced(one, old, new, around) if key == FILLED else one) for key, one in options)
            same = all(a is b for (_, a), (_, b) in zip(filled, options, strict=True))
            return whole if same else replace(whole, options=filled)
        case Call(arguments=inner):
            made = tuple(replaced(one, old, new, around) for one in inner)
            return whole if all(a is b for a, b in zip(made, inner, strict=True)) else replace(whole, arguments=made)
        case Items(items=inner):
            made = tuple(replaced(one, old, new, around) for one in inner)
            return whole if all(a is b for a, b in zip(made, inner, strict=True)) else replace(whole, items=made)
        case Index(base=base):
            changed = replaced(base, old, new, around)
            return whole if changed is base else replace(whole, base=changed)
        case _:
            return whole


def with_formulas(node: Expression, formulas: Mapping[str, Expression]) -> Expression:
    """Return `node` with the names in `formulas` replaced by their formulas."""
    match node:
        case Name(id=name):
            return formulas.get(name, node)
        case Call(arguments=inner):
            return replace(node, arguments=tuple(with_formulas(one, formulas) for one in inner))
        case Index(base=base):
            return replace(node, base=with_formulas(base, formulas))
        case _:
            return node
