"""Serialise complete results to text and back: for a database, another process or another machine.

The JSON of `grader.result/1` is for readers and omits what they may not see. This format omits nothing and is only
valid within one version of the grader. It is plain data: reading it cannot execute code.
"""

from __future__ import annotations

import base64
import json
import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from grader.model import Opaque, Result, Value


def encode(result: Result) -> str:
    """Encode a result as JSON in one line."""
    return json.dumps(_plain(result), separators=(",", ":"))


def decode(text: str) -> Result:
    """Decode an encoded result. Raises `ValueError`, `KeyError` or `TypeError` if the text is not one."""
    made = _maker(Result)(json.loads(text))
    if not isinstance(made, Result):
        raise TypeError("no result")
    return made


def _plain(value: Any) -> object:
    return _packer(value.__class__)(value)


@cache
def _packer(kind: type) -> Callable[[Any], object]:
    """The function that converts objects of this type to plain data."""
    if kind is Value:
        return lambda value: {
            "shape": value.shape,
            "data": base64.b64encode(value.data).decode(),
            "dtype": value.dtype,
        }
    if is_dataclass(kind):
        names = _names(kind)
        return lambda value: {name: _plain(getattr(value, name)) for name in names}
    if issubclass(kind, tuple):
        return lambda value: [_plain(one) for one in value]
    return lambda value: value


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


Maker = Callable[[Any], Any]


@cache
def _maker(kind: Any) -> Maker:
    """The function that builds an object of this type from its JSON."""
    if kind is Value:
        return lambda raw: Value(tuple(raw["shape"]), base64.b64decode(raw["data"]), raw["dtype"])
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        makers = {name: _maker(hints[name]) for name in _names(kind)}
        return lambda raw: kind(**{name: make(raw[name]) for name, make in makers.items()})
    origin, inside = get_origin(kind), get_args(kind)
    if origin is tuple and inside[-1] is Ellipsis:
        each = _maker(inside[0])
        return lambda raw: tuple(each(one) for one in raw)
    if origin is tuple:
        several = [_maker(one) for one in inside]
        return lambda raw: tuple(make(one) for make, one in zip(several, raw, strict=True))
    if origin in (Union, types.UnionType):
        return _either(inside)
    return _as_it_is


def _either(kinds: tuple[Any, ...]) -> Maker:
    """The maker for a union, possibly with None; `Value` and `Opaque` are distinguished by their fields."""
    some = [kind for kind in kinds if kind is not type(None)]
    if Value in some and Opaque in some:
        number, other = _maker(Value), _maker(Opaque)
        return lambda raw: None if raw is None else number(raw) if "data" in raw else other(raw)
    if len(some) != 1:
        return _as_it_is
    make = _maker(some[0])
    return lambda raw: None if raw is None else make(raw)


def _as_it_is(raw: Any) -> Any:
    if isinstance(raw, list | dict):
        raise TypeError("a number or a text was expected")
    return raw
