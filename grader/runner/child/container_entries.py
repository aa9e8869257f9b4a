"""The contents of a student's containers. A key, attribute, field or column is treated as a name like any other.

Looks only into what can be read without running the student's code: dictionaries, named tuples, and objects of the
student's own classes. Tables (pandas) are asked for their columns by name.

Also says which objects share numbers: an array and its rows, a list and the lists inside it.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from itertools import islice
from types import MemberDescriptorType
from typing import Any, NamedTuple

from grader.instrument.site import NAME


def is_part_of(part: Any, whole: Any) -> bool:
    """Whether `part` is another object than `whole`, and changing one may change the other."""
    if part is whole:
        return False
    if type(whole) is list:
        return any(one is part or (type(one) is list and any(inner is part for inner in one)) for one in whole)
    return _overlap(part, whole)


def is_same(one: Any, other: Any) -> bool:
    """Whether both hold the same numbers in the same shape: one object, or two views of one storage."""
    return one is other or (_overlap(one, other) and one.shape == other.shape)


def _overlap(one: Any, other: Any) -> bool:
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if numpy is not None and isinstance(one, numpy.ndarray) and isinstance(other, numpy.ndarray):
        return bool(numpy.may_share_memory(one, other))
    if torch is not None and isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return bool(one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr())
    return False


def may_change(value: Any) -> bool:
    """Whether a value can be changed in place: a list or an array."""
    return type(value) is list or any(isinstance(value, kind) for kind in _arrays())


def _arrays() -> list[type]:
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    return [*([numpy.ndarray] if numpy is not None else ()), *([torch.Tensor] if torch is not None else ())]


MAX_ENTRIES = 256
"""Maximum number of entries read from one container, including the containers inside it."""

MAX_DEPTH = 2
"""Maximum depth of nested containers: `grads["layer1"]["dW"]`."""

_OPEN = frozenset({"__main__", "types", "argparse"})
"""Modules whose classes have no contents but what a student puts into their objects."""


class Entry(NamedTuple):
    """A value: the keys that lead to it from the named container, the path of the container it is in, and its name
    there."""

    keys: tuple[Any, ...]
    owner: str
    label: str
    value: Any


class Kind(NamedTuple):
    """How to read and change objects of a type. `put` returns the container with the new value, which is another object
    where the type is immutable. `nests` says whether it may hold containers."""

    keys: Callable[[Any], Iterable[Any]]
    take: Callable[[Any, Any], Any]
    put: Callable[[Any, Any, Any], Any]
    nests: bool = True


_kinds: dict[type, Kind | None] = dict.fromkeys((float, int, bool, str, list, tuple, type(None), type(...)))
"""Cache by type, prefilled since most bound values are numbers or arrays."""

MAX_CACHED_TYPES = 1024


def kind_of(value: Any) -> Kind | None:
    """How to read a value; None if it is not a container of names."""
    kind = type(value)
    try:
        return _kinds[kind]
    except KeyError:
        if len(_kinds) >= MAX_CACHED_TYPES:
            _kinds.clear()
        found = _kinds[kind] = _found(kind)
        return found


def _found(kind: type) -> Kind | None:
    # Not kind.__module__, which a metaclass can override.
    module, name = (type.__dict__[one].__get__(kind) for one in ("__module__", "__name__"))
    if issubclass(kind, dict):
        return _DICT
    if _is_torch_module(kind):
        return _MODULE
    if issubclass(kind, tuple):
        return _TUPLE if isinstance(kind.__dict__.get("_fields"), tuple) else None
    if name in _TABLES:
        return _TABLES[name]
    return _OBJECT if module in _OPEN and not issubclass(kind, type) else None


def _with_array(archive: Any, key: Any, new: Any) -> dict[Any, Any]:
    """The arrays of an archive, which is read only, as a dictionary, one of them replaced."""
    return {**dict(archive), key: new}


def _is_torch_module(kind: type) -> bool:
    base = getattr(getattr(sys.modules.get("torch"), "nn", None), "Module", None)
    return isinstance(base, type) and base in type.__dict__["__mro__"].__get__(kind)


def entries(name: str, container: Any, wanted: Callable[[str, str], bool]) -> Iterator[Entry]:
    """The wanted entries of a container named `name`, nested ones last; `wanted` gets the path of the container and the
    name of the entry."""
    left, own = MAX_ENTRIES, kind_of(container)
    waiting: list[tuple[tuple[Any, ...], str, Any, Kind]] = [] if own is None else [((), name, container, own)]
    for keys, owner, holder, kind in waiting:  # the list grows during the iteration
        for key in _first(kind, holder, left):
            left -= 1
            label, path = label_of(key), (*keys, key)
            asked = wanted(owner, label)
            if not asked and not kind.nests:
                continue
            try:
                value = kind.take(holder, key)
            except Exception:  # an attribute that is not bound yet, a key that is gone
                continue
            if asked:
                yield Entry(path, owner, label, value)
            if len(path) < MAX_DEPTH and (inner := kind_of(value)) is not None:
                waiting.append((path, f"{owner}.{label}" if owner else label, value, inner))


def label_of(key: Any) -> str:
    """A key as a name; of a member of an enumeration, its text or else its name."""
    if isinstance(key, Enum):
        key = key._value_ if isinstance(key._value_, str) else key._name_
    return str(key)


def _first(kind: Kind, container: Any, most: int) -> list[Any]:
    """The first keys of a container, names and integer indices only; none of the program's own namespace (`globals()`),
    where a key is the name that it is."""
    if isinstance(container, dict) and dict.__contains__(container, NAME):
        return []
    try:
        return [key for key in islice(kind.keys(container), most) if type(key) in (str, int) or isinstance(key, Enum)]
    except Exception:
        return []


def changed(container: Any, keys: tuple[Any, ...], new: Any) -> Any:
    """The container with another value at the end of these keys; unchanged where that is not possible."""
    kind = kind_of(container)
    if kind is None:
        return container
    try:
        inner = new if len(keys) == 1 else changed(kind.take(container, keys[0]), keys[1:], new)
        return kind.put(container, keys[0], inner)
    except Exception:
        return container


def _put_item(container: Any, key: Any, new: Any) -> Any:
    container[key] = new
    return container


def _fields(value: Any) -> Iterable[Any]:
    fields: tuple[Any, ...] = type(value)._fields
    return fields


def _take_field(value: Any, key: Any) -> Any:
    return tuple.__getitem__(value, type(value)._fields.index(key))


def _put_field(value: Any, key: Any, new: Any) -> Any:
    return value if new is _take_field(value, key) else value._replace(**{key: new})


def _attributes(value: Any) -> Iterable[Any]:
    """The names of an object's own values, without properties."""
    return [*_namespace(value), *_slots(type(value))]


def _namespace(value: Any) -> dict[str, Any]:
    try:
        found = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}
    return found if isinstance(found, dict) else {}


def _slots(kind: type) -> dict[str, MemberDescriptorType]:
    return {
        name: member
        for base in kind.__mro__
        if type.__dict__["__module__"].__get__(base) in _OPEN
        for name, member in base.__dict__.items()
        if isinstance(member, MemberDescriptorType) and name != "__dict__"
    }


def _take_attribute(value: Any, key: Any) -> Any:
    namespace = _namespace(value)
    return namespace[key] if key in namespace else _slots(type(value))[key].__get__(value)


def _put_attribute(value: Any, key: Any, new: Any) -> Any:
    """Set an attribute, even where the class is frozen."""
    namespace = _namespace(value)
    if key in namespace:
        namespace[key] = new
    else:
        _slots(type(value))[key].__set__(value, new)
    return value


_PARTS = ("_parameters", "_modules")
"""Where a torch module keeps its weights, and the modules inside it."""


def _module_names(module: Any) -> Iterable[Any]:
    """The names of a torch module's weights, of the modules inside it, and of what a student puts into it."""
    namespace = _namespace(module)
    own = [name for name in namespace if not name.startswith("_") and name != "training"]
    return [*own, *(name for part in _PARTS for name in _part(namespace, part))]


def _part(namespace: dict[str, Any], name: str) -> dict[str, Any]:
    """One of `_PARTS`; nothing of a dictionary of a student's own kind, whose methods are the student's code."""
    found: dict[str, Any] = namespace.get(name, {})
    return found if type(found) in (dict, OrderedDict) else {}


def _take_part(module: Any, key: Any) -> Any:
    namespace = _namespace(module)
    for part in _PARTS:
        if key in (held := _part(namespace, part)):
            return held[key]
    return namespace[key]


def _put_part(module: Any, key: Any, new: Any) -> Any:
    """Set a weight in place, so that an optimizer still has it."""
    namespace = _namespace(module)
    weights = _part(namespace, "_parameters")
    if key in weights:
        weights[key].data = new.data
    elif key not in _part(namespace, "_modules"):
        namespace[key] = new
    return module


_DICT = Kind(dict.__iter__, dict.__getitem__, _put_item)
_TUPLE = Kind(_fields, _take_field, _put_field)
_MODULE = Kind(_module_names, _take_part, _put_part)
_OBJECT = Kind(_attributes, _take_attribute, _put_attribute)
_TABLES = {
    "DataFrame": Kind(lambda frame: frame.columns, lambda frame, key: frame[key], _put_item, nests=False),
    "Series": Kind(lambda series: series.index, lambda series, key: series[key], _put_item, nests=False),
    "NpzFile": Kind(lambda archive: archive.files, lambda archive, key: archive[key], _with_array, nests=False),
}
"""Tables of pandas and of libraries with the same interface, and NumPy's archives of arrays."""
