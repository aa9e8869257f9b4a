"""What may be compiled, by what would become of it."""

from __future__ import annotations

import ast

import pytest

from grader.submission import syntax
from grader.submission.script import read_script
from grader.submission.syntax import check, overgrown


def nested(depth: int) -> str:
    """`finally` blocks within one another."""
    lines = ["def f():"]
    for n in range(1, depth + 1):
        lines += [" " * n + "try:", " " * n + " a()", " " * n + "finally:"]
    return "\n".join([*lines, " " * (depth + 1) + "a()", ""])


def test_a_block_is_counted_once_for_every_way_that_leads_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = ast.parse("def f():\n try:\n  if a: return 1\n  return 2\n finally:\n  x\n")
    written, block = len(list(ast.walk(tree.body[0]))), len(["statement", "name", "context"])
    ways = len(["on to the end", "return 1", "return 2", "an error"])

    monkeypatch.setattr(syntax, "MOST_COMPILED", written + (ways - 1) * block)
    assert overgrown(tree) is None
    monkeypatch.setattr(syntax, "MOST_COMPILED", written + (ways - 1) * block - 1)
    assert overgrown(tree) is tree.body[0]


def test_what_grows_without_bounds_is_not_compiled() -> None:
    reading = read_script(f"w = 1.0\n{nested(19)}dw = 2.0\n".encode(), "mine.py")

    assert [cell.source.split() for cell in reading.cells] == [["w", "=", "1.0", "dw", "=", "2.0"]]
    assert [problem.message for problem in reading.problems] == [
        "line 2 cannot be read: its `finally` blocks stand too deep within one another: `def f():`; "
        "lines 2 to 60 were left out"
    ]


@pytest.mark.parametrize(
    "source",
    [
        nested(5),
        "def f(x):\n" + "    if x: return 1\n" * 500,
        "def f(x):\n try:\n" + "  if x: return 1\n" * 50 + " finally:\n  x.close()\n",
        pytest.param("w = 1.0\n" * 20_000, marks=pytest.mark.slow),
    ],
    ids=["a few", "many returns", "many ways out", "long"],
)
def test_what_people_write_is_compiled(source: str) -> None:
    assert overgrown(ast.parse(source)) is None
    assert check(source) is None
