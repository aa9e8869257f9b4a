"""Recognise Python 2 code by the error that Python 3 raises for it."""

from __future__ import annotations

import re

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
