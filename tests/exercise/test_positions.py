"""A place in a text is a place in the file, however the text is written down."""

from __future__ import annotations

import pytest

from grader.exercise.findings import where
from grader.exercise.yaml_nodes import Scalar
from grader.exercise.yaml_reader import parse


@pytest.mark.parametrize(
    "source",
    [
        "a: x + MARK * y\n",
        "a:   'x + MARK * y'\n",
        "a: 'it''s ''x'' + MARK'\n",
        'a: "x + \\"y\\" \\u00e9 + MARK * y"\n',
        'a: "x \\\n   + MARK * y"\n',
        "a: |\n  x\n  + MARK\n",
        "a: |2\n    x\n  + MARK\n",
        "a: |-  # a comment\n\n    x\n     + MARK\n",
        "b: 1\na:\n  c: |\n     x\n\n     é + MARK\n",
        "a: >\n  x +\n  y +\n  MARK\n",
        "a: x +\n   y\n   + MARK\n",
        "a: &anchor x + MARK\n",
        "{b: 1, a: x + MARK}\n",
    ],
)
def test_a_word_is_found_where_it_stands(source: str) -> None:
    document = parse(source, "x.yaml")
    node = document.at(("a", "c")) or document.at(("a",))
    assert isinstance(node, Scalar)
    row = next(number for number, line in enumerate(node.text.split("\n")) if "MARK" in line)
    column = node.text.split("\n")[row].index("MARK")

    line, at = where(node, document.lines)(row + 1, column + 1)

    assert document.lines[line - 1][at - 1 : at + 3] == "MARK"


def test_the_end_of_a_line_is_right_of_its_last_character() -> None:
    document = parse("a: |\n  xy\n  z\n", "x.yaml")
    node = document.at(("a",))
    assert isinstance(node, Scalar)

    assert where(node, document.lines)(1, 3) == (2, 5)
