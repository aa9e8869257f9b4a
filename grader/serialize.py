"""Serialise frozen dataclasses to text and back: for a database, a cache, another process or another machine.

The JSON of `grader.result/1` is for readers and omits what they may not see. This format omits nothing. It is plain
data, read by the annotations of the type that is expected: reading it cannot execute code. A text may be older than its
type: a field that it lacks gets its default, one that it has too many is ignored.

A dataclass becomes an object, a tuple a list, bytes base64. In a union of dataclasses the object says which it is, as
"@". The libraries for this (msgspec, cattrs) do not read such unions of plain dataclasses, or are slower.
"""

from __future__ import annotations

import base64
import json
import types
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import cache, cached_property
from typing import Any, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Convert = Callable[[Any], Any]


def encode(value: object) -> str:
    """Encode a frozen dataclass as JSON in one line."""
    kind: Any = value.__class__
    return json.dumps(_codec(kind).pack(value), separators=(",", ":"))


def decode(text: str | bytes, kind: type[T]) -> T:
    """Decode an encoded dataclass of this type. Raises `ValueError`, `KeyError` or `TypeError` if the text is not one,
    `RecursionError` if it is nested too deeply."""
    asked: Any = kind
    made = _codec(asked).make(json.loads(text))
    if not isinstance(made, kind):
        raise TypeError(f"no {kind.__name__}")
    return made


class _Codec(Protocol):
    """Converts values of one type to plain data and back."""

    pack: Convert
    make: Convert


class _Pair:
    def __init__(self, pack: Convert, make: Convert) -> None:
        self.pack, self.make = pack, make


def _same(value: T) -> T:
    return value


def _scalar(raw: object) -> object:
    if isinstance(raw, list | dict):
        raise TypeError("a number or a text was expected")
    return raw


_SCALAR = _Pair(_same, _scalar)
_BYTES = _Pair(lambda value: base64.b64encode(value).decode(), lambda raw: base64.b64decode(raw, validate=True))


class _Record:
    """A dataclass, without the fields that it makes itself. The codecs of the others are looked up at first use, as a
    type may contain itself."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        self.pack: Convert = self._packed
        self.make: Convert = self._made

    @cached_property
    def _fields(self) -> tuple[tuple[str, Convert, Convert], ...]:
        hints = get_type_hints(self._kind)
        codecs = ((one.name, _codec(hints[one.name])) for one in fields(self._kind) if one.init)
        return tuple((name, codec.pack, codec.make) for name, codec in codecs)

    @cached_property
    def _has_default(self) -> frozenset[str]:
        known = (one for one in fields(self._kind) if (one.default, one.default_factory) != (MISSING, MISSING))
        return frozenset(one.name for one in known)

    def _packed(self, value: object) -> dict[str, object]:
        return {name: pack(getattr(value, name)) for name, pack, _ in self._fields}

    def _made(self, raw: dict[str, object]) -> object:
        if len(raw) - ("@" in raw) < len(self._fields):
            return self._made_of_some(raw)
        return self._kind(**{name: make(raw[name]) for name, _, make in self._fields})

    def _made_of_some(self, raw: dict[str, object]) -> object:
        given = [one for one in self._fields if one[0] in raw or one[0] not in self._has_default]
        return self._kind(**{name: make(raw[name]) for name, _, make in given})


@cache
def _codec(kind: Any) -> _Codec:
    if kind is bytes:
        return _BYTES
    if is_dataclass(kind):
        return _Record(kind)
    origin, inside = get_origin(kind), get_args(kind)
    if origin is tuple and inside[-1] is Ellipsis:
        return _many(_codec(inside[0]))
    if origin is tuple:
        return _several([_codec(one) for one in inside])
    if origin in (Union, types.UnionType):
        return _either(inside)
    return _SCALAR


def _many(each: _Codec) -> _Codec:
    if each is _SCALAR:
        return _Pair(list, lambda raw: tuple(map(_scalar, raw)))
    pack, make = each.pack, each.make
    return _Pair(lambda value: [pack(one) for one in value], lambda raw: tuple([make(one) for one in raw]))


def _several(codecs: list[_Codec]) -> _Codec:
    return _Pair(
        lambda value: [one.pack(part) for one, part in zip(codecs, value, strict=True)],
        lambda raw: tuple(one.make(part) for one, part in zip(codecs, raw, strict=True)),
    )


def _either(kinds: tuple[Any, ...]) -> _Codec:
    """A union: of scalars, of one other type and None, or of dataclasses and None."""
    some = [kind for kind in kinds if kind is not type(None)]
    if all(_codec(kind) is _SCALAR for kind in some):
        return _SCALAR
    if len(some) == 1:
        one = _codec(some[0])
        return _Pair(
            lambda value: None if value is None else one.pack(value),
            lambda raw: None if raw is None else one.make(raw),
        )
    if not all(map(is_dataclass, some)):
        raise TypeError(f"values of {kinds} cannot be told apart")
    named = {kind.__name__: _codec(kind) for kind in some}
    return _Pair(
        lambda value: None if value is None else {"@": (name := value.__class__.__name__), **named[name].pack(value)},
        lambda raw: None if raw is None else named[raw["@"]].make(raw),
    )
