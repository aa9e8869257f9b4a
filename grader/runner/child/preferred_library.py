"""Which library functions are written for: a notebook that compares with torch may have its functions in NumPy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any

KNOWN = frozenset({"numpy", "torch"})

_EMPTY = CellType()
"""The cell of a closure whose name is not bound yet, or never."""


def libraries_of(codes: Iterable[CodeType], names: Mapping[str, Any]) -> set[str]:
    """Those of `KNOWN` that the code in `codes` reads, directly or through functions in `names`."""
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
    """A function, or the functions of a class, and those in their closures: a decorated function hides what it
    calls."""
    kind = value if isinstance(value, type) else None
    found = [value] if kind is None else list(vars(kind).values())
    functions: list[FunctionType] = []
    while found:
        one = found.pop()
        if isinstance(one, FunctionType) and one not in functions:
            functions.append(one)
            found.extend(cell.cell_contents for cell in one.__closure__ or () if cell != _EMPTY)
    return functions
