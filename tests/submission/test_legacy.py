"""Errors that Python 3 raises for what only Python 2 has."""

from __future__ import annotations

import pytest

from grader.submission.syntax import said_of_python_2


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("NameError: name 'xrange' is not defined", "write `range` for `xrange`"),
        ("NameError: name 'xrange' is not defined. Did you mean: 'range'?", "write `range` for `xrange`"),
        ("NameError: name 'raw_input' is not defined", "write `input` for `raw_input`"),
        ("NameError: name 'unicode' is not defined", "write `str` for `unicode`"),
        ("NameError: name 'reduce' is not defined", "write `functools.reduce` for `reduce`"),
        ("AttributeError: 'dict' object has no attribute 'iteritems'", "write `items` for `iteritems`"),
        (
            "TypeError: unsupported operand type(s) for >>: 'builtin_function_or_method' and '_io.TextIOWrapper'",
            "write `print(..., file=f)` for `print >>f, ...`",
        ),
    ],
)
def test_what_python_3_has_instead_is_said(error: str, said: str) -> None:
    assert said_of_python_2(error) == f"this line is Python 2: {said}"


@pytest.mark.parametrize(
    "error",
    [
        "NameError: name 'dh1' is not defined",
        "AttributeError: 'Cell' object has no attribute 'h1'",
        "TypeError: unsupported operand type(s) for >>: 'float' and 'int'",
        "ZeroDivisionError: division by zero",
    ],
)
def test_other_errors_are_no_matter_of_versions(error: str) -> None:
    assert said_of_python_2(error) is None
