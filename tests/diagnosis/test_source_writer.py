"""Parts of a source, read and put back by the nodes of its syntax tree."""

from __future__ import annotations

import ast

import pytest

from grader.diagnosis.source_writer import SourceWriter
from grader.formula.syntax import STRENGTH, Place

SOURCE = """\
import numpy as np
é = ü + (a *
    b)
rows = np.arange(4)
p[range(len(y)), y] -= 1
def f(x):
    def g(z):
        return -z
    return g(x)
"""


@pytest.fixture
def writer() -> SourceWriter:
    return SourceWriter(SOURCE, ast.parse(SOURCE))


def part(writer: SourceWriter, written: str) -> ast.expr:
    return next(node for node in ast.walk(writer.tree) if isinstance(node, ast.expr) and ast.unparse(node) == written)


def test_what_a_node_says_stays_as_it_was_typed(writer: SourceWriter) -> None:
    assert writer.text(part(writer, "a * b")) == "a *\n    b"
    assert writer.text(part(writer, "ü")) == "ü"


def test_places_are_counted_in_characters(writer: SourceWriter) -> None:
    assert writer.place(part(writer, "ü")) == Place(2, 5, 2, 6)
    assert writer.place(part(writer, "a * b")) == Place(2, 10, 3, 6)


def test_what_stands_between_two_nodes_is_their_operator(writer: SourceWriter) -> None:
    assert writer.between(part(writer, "a"), part(writer, "b")) == " *\n    "
    assert writer.between(part(writer, "ü"), part(writer, "a")) == " + ("


def test_a_node_belongs_to_the_innermost_function_around_it(writer: SourceWriter) -> None:
    inner, outer = writer.function_of(part(writer, "-z")), writer.function_of(part(writer, "g(x)"))

    assert (inner and inner.name, outer and outer.name) == ("g", "f")
    assert writer.function_of(part(writer, "a")) is None


def test_only_what_stands_behind_a_sign_is_negated(writer: SourceWriter) -> None:
    negated = part(writer, "-z")
    assert isinstance(negated, ast.UnaryOp)

    assert writer.is_negated(negated.operand)
    assert not writer.is_negated(negated)


def test_rows_are_counted_by_what_counts_them_already(writer: SourceWriter) -> None:
    assert list(writer.rows_of(part(writer, "y"))) == ["rows", "range(len(y))", "np.arange(len(y))"]
    assert list(writer.rows_of(part(writer, "x"))) == ["rows", "np.arange(len(x))"]


@pytest.mark.parametrize(
    ("source", "library"),
    [
        ("import numpy as np\n", "np"),
        ("import numpy\n", "numpy"),
        ("import torch  # for autograd\n", "torch"),
        ("import torch\nimport numpy as np\n", "np"),
        ("def f():\n    import numpy as np\n", "np"),
        ("from numpy import ones\n", None),
        ("import numpy as n\n", None),
        ("x = 1\n", None),
    ],
)
def test_functions_are_those_of_the_imported_library(source: str, library: str | None) -> None:
    assert SourceWriter(source, ast.parse(source)).library == library
    assert SourceWriter("x = 1\n", ast.parse("x = 1"), source).library == library


@pytest.mark.parametrize(
    ("line", "text", "sign", "replaced"),
    [
        ("y = a - x", "p + q", "+", "y = a - (p + q)"),
        ("y = x - a", "p + q", "+", "y = p + q - a"),
        ("y = a - x", "p * q", "*", "y = a - p * q"),
        ("y = x * a", "p + q", "+", "y = (p + q) * a"),
        ("y = a * x", "p * q", "*", "y = a * (p * q)"),
        ("y = -x", "p + q", "+", "y = -(p + q)"),
        ("y = x.T", "p @ q", "@", "y = (p @ q).T"),
        ("y = x[0]", "p @ q", "@", "y = (p @ q)[0]"),
        ("y = a[x]", "p + q", "+", "y = a[p + q]"),
        ("y = f(x)", "p + q", "+", "y = f(p + q)"),
        ("y = (x) * a", "p + q", "+", "y = (p + q) * a"),
        ("y = a ** x", "-1.5", "-x", "y = a ** -1.5"),
        ("y = x ** a", "-1.5", "-x", "y = (-1.5) ** a"),
        ("y = a ** x", "p + q", "+", "y = a ** (p + q)"),
    ],
)
def test_what_is_put_in_has_the_brackets_it_needs(line: str, text: str, sign: str, replaced: str) -> None:
    one = SourceWriter(line, ast.parse(line))
    edit = one.instead(part(one, "x"), text, STRENGTH[sign])

    assert line[: edit.place.column - 1] + edit.text + line[edit.place.end_column - 1 :] == replaced


LOOPS = """\
for t in range(3):
    for k in y:
        a = t
        b = [j for j in reversed(y)]
    c = 1
else:
    d = 2
"""


def test_statements_are_found_with_what_is_beside_and_around_them() -> None:
    one = SourceWriter(LOOPS, ast.parse(LOOPS))
    by_name = {node.targets[0].id: node for node in ast.walk(one.tree) if isinstance(node, ast.Assign)
               and isinstance(node.targets[0], ast.Name)}  # fmt: skip

    assert [one.head(loop) for loop in one.loops(by_name["a"])] == ["for k in y:", "for t in range(3):"]
    assert one.next_to(by_name["a"]) == (None, by_name["b"])
    assert one.next_to(by_name["c"])[1] is None
    assert one.next_to(by_name["d"]) == (None, None)
    assert one.before(by_name["c"]) == "    "
    assert one.counters == {"t", "j"}
