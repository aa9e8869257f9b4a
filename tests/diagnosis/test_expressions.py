"""Which functions of a submission consist of formulas, and which of their lines a formula stands in."""

from __future__ import annotations

import pytest

from grader.diagnosis.expressions import functions, unpackings
from grader.formula.syntax import Place, text
from grader.submission.load import load_bytes


def parts(body: str) -> list[tuple[str, str, int]]:
    """The names, formulas and lines of `f`, whose body starts in line 2; "" for the returned value."""
    found = functions(["def f(x, y):\n" + "".join(f"    {line}\n" for line in body.splitlines())])
    return [(part.name, text(part.formula), part.statement[0]) for part in found["f"].parts] if found else []


def test_a_value_that_is_bound_only_to_be_returned_stands_where_it_is_computed() -> None:
    assert parts("t = x * y\nreturn t") == [("", "x * y", 2)]
    assert parts("t = x * y\nu = t + x\nreturn u") == [("t", "x * y", 2), ("", "t + x", 3)]


def test_a_name_that_is_not_bound_last_is_a_formula_of_its_own() -> None:
    assert parts("t = x * y\nu = t + x\nreturn t") == [("t", "x * y", 2), ("u", "t + x", 3), ("", "t", 4)]
    assert parts("t = x * y\nreturn y") == [("t", "x * y", 2), ("", "y", 3)]
    assert parts("return x") == [("", "x", 2)]


@pytest.mark.parametrize(
    "body", ["t = x * y", "print(x)\nreturn x", "return x\nt = y", "for t in x:\n    y = t\nreturn y", "return"]
)
def test_a_function_with_other_statements_or_without_a_value_at_its_end_is_none_of_formulas(body: str) -> None:
    assert parts(body) == []


def test_parts_are_the_same_after_a_docstring() -> None:
    assert parts('"""The product."""\nreturn x * y') == [("", "x * y", 3)]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("n, d = x.shape", [(1, 5, "d, n", "d, n = x.shape")]),
        ("(n, d) = x.shape", [(2, 6, "d, n", "(d, n) = x.shape")]),
        ("é = 1; n ,  d = x.shape", [(8, 14, "d ,  n", "é = 1; d ,  n = x.shape")]),
        ("n, d = 1, 2", []),
        ("n, d, k = x.shape", []),
        ("n, k = x.shape", []),
        ("n = d = x.shape", []),
    ],
)
def test_two_names_that_one_value_is_unpacked_into_are_exchanged_as_they_are_written(
    line: str, found: list[tuple[int, int, str, str]]
) -> None:
    submission = load_bytes(f"x = 1\n{line}\n".encode(), "mine.py")

    assert list(unpackings(submission, frozenset({"n", "d"}))) == [
        (0, Place(2, start, 2, end), text, whole) for start, end, text, whole in found
    ]
