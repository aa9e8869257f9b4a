"""TorchScript that a submission has as text, carried out as Python in a perturbed run: the language is part of Python,
and what torch makes of it cannot be perturbed."""

from __future__ import annotations
import __future__

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator
from types import FunctionType, MethodType
from typing import Any

_LATER = __future__.annotations.compiler_flag
"""Types of parameters are names of TorchScript, and have no effect."""


@contextlib.contextmanager
def as_python(compiled: Callable[[str, int], Any]) -> Iterator[None]:
    """Context in which such text becomes functions of Python; `compiled` gives the perturbed code of a text. What is no
    Python stays TorchScript."""
    jit: Any = sys.modules.get("torch.jit")
    if not hasattr(jit, "CompilationUnit"):
        yield
        return
    script: Any = sys.modules["torch.jit._script"]
    holders, unit = (jit, sys.modules["torch._C"]), jit.CompilationUnit
    kind = script.RecursiveScriptModule
    defined = kind.define

    def functions_of(text: str) -> dict[str, Any]:
        names: dict[str, Any] = {"torch": sys.modules["torch"], "math": importlib.import_module("math")}
        exec(compiled(text, _LATER), names)
        return {name: value for name, value in names.items() if isinstance(value, FunctionType)}

    class Unit:
        def __init__(self, text: str | None = None, *_: Any) -> None:
            self.define(text or "")

        def define(self, text: str, *_: Any) -> None:
            vars(self).update(functions_of(text))

    def made(*arguments: Any, **options: Any) -> Any:
        try:
            return Unit(*arguments)
        except Exception:
            return unit(*arguments, **options)

    def define(module: Any, text: str) -> None:
        try:
            functions = functions_of(text)
        except Exception:
            defined(module, text)
        else:
            for name, function in functions.items():
                object.__setattr__(module, name, MethodType(function, module))

    for one in holders:
        vars(one)["CompilationUnit"] = made
    kind.define = define
    try:
        yield
    finally:
        kind.define = defined
        for one in holders:
            vars(one)["CompilationUnit"] = unit
