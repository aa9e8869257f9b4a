"""Code blocks of Markdown: which are read, and on which lines they stand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.model import Span, Submission
from grader.submission.load import load_bytes
from grader.submission.spans import line_text
from grader.submission.text_notebooks import has_python


def read(text: str, name: str = "x.md") -> Submission:
    return load_bytes(text.encode(), name)


def messages(submission: Submission) -> list[str]:
    return [problem.message for problem in submission.problems]


@pytest.mark.parametrize(
    ("name", "fence"),
    [
        ("x.md", "```python"),
        ("x.md", "```py"),
        ("x.md", "```Python"),
        ("x.md", "```python3 copy"),
        ("x.markdown", "~~~python"),
        ("x.md", "````python"),
        ("x.md", "```{code-cell} ipython3"),
        ("x.md", "```{code-cell} python"),
        ("x.md", "```{code-cell}"),
        ("x.md", "``` {.python .input}"),
        ("x.md", "```python {.marimo}"),
        ("x.Rmd", "```{python}"),
        ("x.Rmd", "```{python setup, echo=FALSE}"),
        ("x.rmd", "```{python, eval=TRUE}"),
        ("x.qmd", "```{python}"),
        ("x.qmd", "```{.python}"),
    ],
)
def test_a_python_block_is_a_cell_that_knows_its_line(name: str, fence: str) -> None:
    closing = fence[: len(fence) - len(fence.lstrip("`~"))]

    (cell,) = read(f"# Words\n\n{fence}\na = 1\nb = 2\n{closing}\nmore\n", name).cells

    assert (cell.source, cell.number, cell.first_line) == ("a = 1\nb = 2", None, 4)


@pytest.mark.parametrize(
    "info", ["", "text", "bash", "{r}", "yaml", "{code-block} python", "{figure} a.png", "pythonic"]
)
def test_other_blocks_are_not_read(info: str) -> None:
    cells = read(f"```{info}\nb = 2\n```\n```python\na = 1\n```\n").cells

    assert [cell.source for cell in cells] == ["a = 1"]


def test_words_between_the_blocks_are_not_read() -> None:
    cells = read("x = 1\n\n    y = 2\n\n`z = 3`\n```python\na = 1\n```\nx = 2\n```python\nb = 1\n```\n").cells

    assert [(cell.first_line, cell.source) for cell in cells] == [(7, "a = 1"), (11, "b = 1")]


def test_options_of_a_block_are_no_code_and_no_line_moves() -> None:
    by_line = "```{code-cell} ipython3\n:tags: [hide]\n:name: x\n\na = 1\n```\n"
    as_yaml = "```{code-cell}\n---\ntags: [hide]\n---\na = 1\n```\n"

    assert read(by_line).cells[0].source == "\n\n\na = 1"
    assert read(as_yaml).cells[0].source == "\n\n\na = 1"


def test_a_code_cell_without_a_language_is_in_that_of_the_kernel() -> None:
    submission = read("---\nkernelspec:\n  language: julia\n---\n```{code-cell}\na = 1\n```\n")

    assert submission.cells == ()


def test_a_block_in_a_list_loses_its_margin_and_its_places_keep_it() -> None:
    submission = read("- item\n\n   ```python\n   if 1:\n       a = 1\n   b = (2\n   ```\n")

    (cell,) = submission.cells
    assert cell.source == "if 1:\n    a = 1\nb = ..."
    assert submission.problems[0].where == Span("x.md", None, 6, 8, 6, 10)
    assert line_text(cell, 6) == "   b = (2"


def test_a_block_that_is_never_closed_ends_where_the_next_begins() -> None:
    cells = read("```python\na = 1\n\n```python\nb = 1\n").cells

    assert [(cell.first_line, cell.source.strip()) for cell in cells] == [(2, "a = 1"), (5, "b = 1")]


def test_a_shorter_fence_closes_nothing() -> None:
    cells = read("````markdown\n```python\na = 1\n```\n````\n```python\nb = 1\n```\n").cells

    assert [cell.source for cell in cells] == ["b = 1"]


def test_a_line_that_is_not_python_is_told_with_its_line_in_the_file() -> None:
    submission = read("# Words\n```python\na = 1\nb = (2\nc = 3\n```\n")

    assert submission.cells[0].source == "a = 1\nb = ...\nc = 3"
    assert messages(submission) == ["line 4 cannot be read: its `(` is never closed: `b = (2`"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```{r}\nx <- 3\n```\n", "its code is written in R; only Python can be graded"),
        ("```julia\nx = 3\n```\n", "its code is written in Julia; only Python can be graded"),
        ("# Words\n", "the file has no Python code; a block of it begins with ```python"),
        ("```\nx = 3\n```\n", "the file has no Python code; a block of it begins with ```python"),
        ("```python\n# nothing\n```\n", "the file has no Python code; a block of it begins with ```python"),
        ("", "the file has no Python code; a block of it begins with ```python"),
    ],
)
def test_a_file_without_python_could_not_be_read(text: str, message: str) -> None:
    submission = read(text)

    assert submission.cells == ()
    assert [(problem.kind, problem.message) for problem in submission.problems] == [("unreadable", message)]


def test_of_too_many_blocks_none_is_read_and_the_file_is_to_be_cut_down() -> None:
    submission = read("```python\na = 1\n```\n" * 2001)

    assert submission.cells == ()
    assert messages(submission) == [
        "the file has more than 2000 pieces of code; keep only those that the derivation needs"
    ]


def test_cells_of_marimo_are_read_in_the_order_of_dataflow() -> None:
    cells = read("```python {.marimo}\nb = a\n```\n```python {.marimo}\na = 1\n```\n").cells

    assert [cell.source for cell in cells] == ["a = 1", "b = a"]


PIECES = ["```python", "```", "~~~", "  ```{r}", "a = 1", "(", ":a: b", "---", ""]
FENCED = st.lists(st.sampled_from(PIECES), max_size=30).map("\n".join)


@settings(deadline=None)
@given(st.one_of(FENCED, st.text(max_size=100)))
def test_each_line_of_a_cell_is_the_line_of_the_file(text: str) -> None:
    data = text.replace("\r", "\n").removeprefix("\ufeff").encode("utf-8", "replace")
    lines = data.decode().split("\n")

    for cell in load_bytes(data, "x.qmd").cells:
        for offset, line in enumerate(cell.source.split("\n")):
            assert line.strip() in ("", "pass", lines[cell.first_line - 1 + offset].strip())


@settings(deadline=None)
@given(FENCED)
def test_a_file_has_python_where_it_has_a_block_of_it(text: str) -> None:
    submission = read(text)

    assert bool(submission.cells) <= has_python(text.encode())
    assert has_python(text.encode()) <= ("```python" in text)
