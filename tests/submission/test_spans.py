"""Places are what an editor shows: 1-based lines, 1-based columns in characters."""

from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from grader.model import Cell, Span
from grader.submission.spans import line_text, span


def first(source: str) -> ast.stmt:
    return ast.parse(source).body[0]


def test_a_span_ends_after_its_last_character() -> None:
    cell = Cell("dh = 1 - h", "dh = 1 - h", number=4)

    assert span(cell, "x.ipynb", first(cell.source)) == Span("x.ipynb", 4, 1, 1, 1, 11)


def test_columns_count_characters_not_bytes() -> None:
    cell = Cell("é = 'ü𝜕'; b = 2", "é = 'ü𝜕'; b = 2")
    second = ast.parse(cell.source).body[1]

    assert span(cell, "x.py", second) == Span("x.py", None, 1, 11, 1, 16)


def test_lines_count_from_the_top_of_the_file() -> None:
    cell = Cell("# %%\ny = (1 +\n  2)", "# %%\ny = (1 +\n  2)", first_line=10)

    assert span(cell, "x.py", first(cell.source)) == Span("x.py", None, 11, 1, 12, 5)


def test_a_form_feed_ends_no_line() -> None:
    cell = Cell("a = 1\n\fb = '\x1c'\nc = 3", "a = 1\n\fb = '\x1c'\nc = 3")
    third = ast.parse(cell.source).body[2]

    assert line_text(cell, span(cell, "x.py", third).line) == "c = 3"


def test_a_node_of_replaced_text_stays_within_the_students_line() -> None:
    cell = Cell("files = None", "f = !l")

    assert span(cell, "x.py", first(cell.source)) == Span("x.py", None, 1, 1, 1, 7)


def test_a_node_without_a_place_is_the_whole_cell() -> None:
    cell = Cell("a = 1\nbc = 2", "a = 1\nbc = 2", number=1)

    assert span(cell, "x.ipynb", ast.parse(cell.source)) == Span("x.ipynb", 1, 1, 1, 2, 7)


def test_the_text_of_a_line_is_the_students_own() -> None:
    cell = Cell("pass\nb = 2", "!ls\nb = 2", first_line=5)

    assert [line_text(cell, line) for line in (4, 5, 6, 7)] == ["", "!ls", "b = 2", ""]


@given(st.text(alphabet="aé𝜕ü\t ", max_size=12), st.text(alphabet="aé𝜕", max_size=12))
def test_a_span_cuts_the_very_text_of_its_node(comment: str, content: str) -> None:
    source = f"x = '{comment}', '{content}'"
    cell = Cell(source, source)
    node = first(source)
    assert isinstance(node, ast.Assign)
    assert isinstance(node.value, ast.Tuple)

    where = span(cell, "x.py", node.value.elts[1])

    assert source[where.column - 1 : where.end_column - 1] == f"'{content}'"
