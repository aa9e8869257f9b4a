"""Which library functions are written for: a notebook that compares with torch may have its functions in NumPy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import CodeType, FunctionType, ModuleType
from typing import Any

KNOWN = frozenset({"numpy", "torch"})


def libraries_of(codes: Iterable[CodeType], names: Mapping[str, Any]) -> set[str]:
    """Those of `KNOWN` that the functions called in `codes` read, directly or through functions of `names`."""
    found: set[str] = set()
    waiting, seen = list(codes), set[CodeType]()
    while waiting:
        code = waiting.pop()
        if code in seen:
            continue
        seen.add(code)
        waiting.extend(one for one in code.co_consts if isinstance(one, CodeType))
        for name in code.co_names:
            value = names.get(name)
            if isinstance(value, ModuleType):
                found.add(str(value.__name__).partition(".")[0])
            elif name in KNOWN:  # imported inside the function
                found.add(name)
            waiting.extend(function.__code__ for function in _functions(value))
    return found & KNOWN


def _functions(value: Any) -> list[FunctionType]:
    if isinstance(value, FunctionType):
        return [value]
    kind = value if isinstance(value, type) else None
    return [] if kind is None else [one for one in vars(kind).values() if isinstance(one, FunctionType)]
