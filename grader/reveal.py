"""Which fields of a result its readers may see: each says so where it is declared, and one that does not is hidden.

A field is declared as `name: Annotated[type, Shown(level, description)]`; `Revealed.visible` is the only way from a
result to its JSON object, and `report/json.py` makes the JSON Schema from the same declarations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

Reveal = Literal["location", "hint", "rule", "fix", "values"]
REVEAL_LEVELS: tuple[Reveal, ...] = get_args(Reveal)


@dataclass(frozen=True, slots=True)
class Shown:
    """How a field of a result reaches its readers.

    `level`: the lowest reveal level that shows it. `description`: what it means in the JSON object, with what null
    means; None for a field that only renderers use. `minimum`: of a number. `hidden_as`: what stands in the JSON object
    at lower levels: nothing, or an empty array."""

    level: Reveal
    description: str | None
    minimum: int | None = None
    hidden_as: Literal["absent", "empty"] = "absent"


Kind: TypeAlias = Any
"""A type, as `typing` gives it: a class, or a form such as `str | None`."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a result, its type, and how it is shown."""

    name: str
    kind: Kind
    shown: Shown


@cache
def fields_of(kind: Kind) -> dict[str, Field]:
    """The declared fields of a dataclass, in order. Those without a level are left out, and so hidden everywhere."""
    hints = get_type_hints(kind, include_extras=True)
    found: dict[str, Field] = {}
    for one in fields(kind):
        match get_args(hints[one.name]):
            case (plain, Shown() as shown) if _origin(hints[one.name]) is Annotated:
                found[one.name] = Field(one.name, plain, shown)
    return found


def reaches(level: Reveal, needed: Reveal) -> bool:
    """Whether a reader at `level` sees what is shown from `needed` on."""
    return REVEAL_LEVELS.index(level) >= REVEAL_LEVELS.index(needed)


class Revealed:
    """A dataclass whose fields are shown level by level."""

    __slots__ = ()

    def shown_from(self, name: str) -> Reveal:
        """The lowest level that shows a field. Raises `KeyError` for a field without a level."""
        kind: Kind = self.__class__
        return fields_of(kind)[name].shown.level

    def visible(self, level: Reveal) -> dict[str, object]:
        """The JSON object of what a reader at `level` may see."""
        made: dict[str, object] = {}
        kind: Kind = self.__class__
        for name, one in fields_of(kind).items():
            if one.shown.description is None:
                continue
            if reaches(level, self.shown_from(name)):
                made[name] = _converter(one.kind)(getattr(self, name), level)
            elif one.shown.hidden_as == "empty":
                made[name] = []
        return made


def items_of(kind: Kind) -> Kind | None:
    """The type of the items of `tuple[kind, ...]`; None for another type."""
    inside = get_args(kind)
    return inside[0] if _origin(kind) is tuple and inside[-1] is Ellipsis else None


def values_of(kind: Kind) -> Kind | None:
    """The type of the values of `tuple[tuple[str, kind], ...]`, an object in JSON; None for another type."""
    pair = items_of(kind)
    inside = get_args(pair)
    return inside[1] if _origin(pair) is tuple and inside[0] is str else None


def some_of(kind: Kind) -> tuple[Kind, bool]:
    """A type without None, and whether it had it."""
    if _origin(kind) not in (Union, UnionType):
        return kind, False
    some = tuple(one for one in get_args(kind) if one is not type(None))
    return reduce(or_, some), len(some) < len(get_args(kind))


def _origin(kind: Kind) -> Kind | None:
    return get_origin(kind)


Converter = Callable[[Any, Reveal], object]


@cache
def _converter(kind: Kind) -> Converter:
    """The function that turns a value of this type into JSON."""
    some, optional = some_of(kind)
    if optional:
        convert = _converter(some)
        return lambda value, level: None if value is None else convert(value, level)
    if (values := values_of(kind)) is not None:
        of_value = _converter(values)
        return lambda value, level: {name: of_value(one, level) for name, one in value}
    if (items := items_of(kind)) is not None:
        of_item = _converter(items)
        return lambda value, level: [of_item(one, level) for one in value]
    if isinstance(kind, type) and issubclass(kind, Revealed):
        return lambda value, level: value.visible(level)
    if kind in (str, bool, int, float) or _origin(kind) is Literal:
        return lambda value, level: value
    return lambda value, level: value.plain()
