"""Recognise the programming language of a file or a notebook if it is not Python 3; Python 2 by the error that
Python 3 raises for it.
"""

from __future__ import annotations

import re
from typing import Any

_NAMES = {
    "basestring": "str",
    "cmp": "(a > b) - (a < b)",
    "execfile": "exec(open(...).read())",
    "file": "open",
    "long": "int",
    "raw_input": "input",
    "reduce": "functools.reduce",
    "reload": "importlib.reload",
    "unichr": "chr",
    "unicode": "str",
    "xrange": "range",
}

_METHODS = {"has_key": "in", "iteritems": "items", "iterkeys": "keys", "itervalues": "values"}

_ERRORS = (
    (re.compile(r"NameError: name '(\w+)' is not defined"), _NAMES),
    (re.compile(r"AttributeError: '\w+' object has no attribute '(\w+)'"), _METHODS),
)

_PRINT_TO = re.compile(r"TypeError: unsupported operand type\(s\) for >>: 'builtin_function_or_method' and ")


def said_of_python_2(error: str) -> str | None:
    """The Python 3 replacement for a line that raised this error; None if it is not due to Python 2."""
    if _PRINT_TO.match(error):
        return "this line is Python 2: write `print(..., file=f)` for `print >>f, ...`"
    for pattern, instead in _ERRORS:
        if (found := pattern.match(error)) and found[1] in instead:
            return f"this line is Python 2: write `{instead[found[1]]}` for `{found[1]}`"
    return None


FENCED = (".md", ".markdown", ".rmd", ".qmd")
"""Endings of Markdown files, which may contain Python code blocks."""

_BY_ENDING = {
    "c": "C",
    "cpp": "C++",
    "java": "Java",
    "jl": "Julia",
    "js": "JavaScript",
    "m": "MATLAB or Octave",
    "nb": "Mathematica",
    "r": "R",
    "scala": "Scala",
    "tex": "LaTeX",
    "ts": "TypeScript",
}

_BY_KERNEL = {
    "deno": "JavaScript",
    "ir": "R",
    "javascript": "JavaScript",
    "julia": "Julia",
    "octave": "Octave",
    "scala": "Scala",
    "xcpp": "C++",
    "xr": "R",
}
"""Languages by kernel name without version, used only if a notebook does not state its language."""

_READ_AS_PYTHON = ("py", "sage", "coconut")


def foreign_ending(name: str) -> str | None:
    """The language of a file by its ending; None if it may be Python."""
    return _BY_ENDING.get(name.lower().rpartition(".")[2]) if "." in name else None


def foreign_notebook(metadata: object) -> str | None:
    """The language that a notebook states; None if it is Python or not stated."""
    for section, field in (("language_info", "name"), ("kernelspec", "language")):
        if name := _entry(metadata, section, field):
            return foreign_name(name)
    kernel = _entry(metadata, "kernelspec", "name").lower()
    return _BY_KERNEL.get(kernel.partition("-")[0])


def foreign_name(name: str) -> str | None:
    """The display name of a language; None for Python under any of its names."""
    if any(word in name.lower() for word in _READ_AS_PYTHON):
        return None
    return (name if name != name.lower() else _BY_KERNEL.get(name, name.capitalize()))[:40]


def _entry(metadata: Any, section: str, field: str) -> str:
    inner = metadata.get(section) if isinstance(metadata, dict) else None
    name = inner.get(field) if isinstance(inner, dict) else None
    return name.strip() if isinstance(name, str) else ""
