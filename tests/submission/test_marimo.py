"""marimo's notebooks: bodies of functions as cells, in the order of dataflow, on the file's own lines."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.model import Cell, Span, Submission
from grader.submission.load import load_bytes
from grader.submission.spans import line_text
from grader.submission.text_notebooks import in_order

HEAD = 'import marimo\n\n__generated_with = "0.9.14"\napp = marimo.App(width="medium")\n\n\n'
FOOT = '\n\nif __name__ == "__main__":\n    app.run()\n'


def cell(*lines: str, decorator: str = "@app.cell", header: str = "def _(h0, math):") -> str:
    return "\n".join([decorator, header, *(f"    {line}" if line else "" for line in lines), "", ""])


def read(*parts: str) -> Submission:
    return load_bytes((HEAD + "\n".join(parts) + FOOT).encode(), "x.py")


def sources(submission: Submission) -> list[str]:
    return [one.source.strip() for one in submission.cells]


def test_the_body_of_a_function_is_a_cell_on_the_lines_of_the_file() -> None:
    (one,) = read(cell("h1 = 2 * 3", "h2 = h1", "return h1, h2")).cells

    assert (one.source, one.number, one.first_line) == ("h1 = 2 * 3\nh2 = h1\n", None, 9)
    assert line_text(one, 10) == "    h2 = h1"


def test_what_is_no_cell_is_not_run() -> None:
    assert sources(read(cell("a = 1", "return"))) == ["a = 1"]


@pytest.mark.parametrize(
    ("decorator", "header"),
    [
        ("@app.cell(hide_code=True)", "def _():"),
        ("@app.cell(\n    hide_code=True,\n)", "def __(h0):"),
        ("@app.cell", "async def named(\n    h0,\n    w_h,\n):"),
    ],
)
def test_cells_are_known_however_they_are_declared(decorator: str, header: str) -> None:
    assert sources(read(cell("a = 1", "return (a,)", decorator=decorator, header=header))) == ["a = 1"]


def test_a_return_over_several_lines_goes_as_a_whole() -> None:
    assert sources(read(cell("a = 1", "return (", "    a,", ")"))) == ["a = 1"]


def test_a_return_within_a_function_stays() -> None:
    body = ("def f():", "    return 1", "return (f,)")

    assert sources(read(cell(*body))) == ["def f():\n    return 1"]


def test_cells_run_behind_those_that_bind_what_they_read() -> None:
    submission = read(cell("c = b + a", "return"), cell("b = a", "return"), cell("a = 1", "return"))

    assert sources(submission) == ["a = 1", "b = a", "c = b + a"]


def test_setup_functions_and_classes_are_cells_too() -> None:
    submission = read(
        cell("a = f(1)", "return"),
        "@app.function\ndef f(x):\n    return math.tanh(x)\n\n",
        "@app.class_definition\nclass C:\n    size = 3\n\n",
        "with app.setup:\n    import math\n\n",
    )

    assert sources(submission) == [
        "class C:\n    size = 3",
        "import math",
        "def f(x):\n    return math.tanh(x)",
        "a = f(1)",
    ]


def test_markdown_and_the_import_it_needs_are_not_run() -> None:
    submission = read(
        cell('mo.md(r"""', "# Words", '""")', "return"),
        cell("import marimo as mo", "import math", "return math, mo"),
        cell("a = 1", 'mo.md(f"{a}")', "return (a,)"),
    )

    assert sources(submission) == ["import math", "a = 1"]


def test_marimo_is_imported_where_its_values_are_used() -> None:
    submission = read(cell("s = mo.ui.slider(1, 2)", "return"), cell("import marimo as mo", "return"))

    assert sources(submission) == ["import marimo as mo", "s = mo.ui.slider(1, 2)"]


def test_a_line_that_is_not_python_costs_no_other() -> None:
    submission = read(cell("a = 1", "b = (a", "c = 3", "return"), cell("d = c", "return"))

    assert sources(submission) == ["a = 1\nb = ...\nc = 3", "d = c"]
    assert submission.problems[0].message == "line 10 cannot be read: its `(` is never closed: `b = (a`"
    assert submission.problems[0].where == Span("x.py", None, 10, 9, 10, 11)


def test_a_cell_that_marimo_could_not_read_is_read_but_for_its_faults() -> None:
    submission = read('app._unparsable_cell(\n    r"""\n    a = 1\n    x = = 1\n    """,\n    name="_"\n)\n')

    assert sources(submission) == ["a = 1\nx = ..."]
    assert submission.problems[0].where == Span("x.py", None, 10, 9, 10, 10)


def test_text_in_a_string_that_is_not_indented_ends_no_cell() -> None:
    assert sources(read(cell('t = """') + 'x\n"""\n    a = 1\n    return\n')) == ['t = """\n\nx\n"""\na = 1']


def test_a_notebook_without_code_could_not_be_read() -> None:
    assert [problem.message for problem in read(cell("return")).problems] == ["the notebook has no code"]


def test_names_with_an_underscore_are_a_cell_s_own() -> None:
    cells = [Cell(source, source) for source in ("a = 1\n_t = 2", "_t = 1\nb = _t")]

    assert in_order(cells) == tuple(cells)


def test_a_name_that_a_function_reads_counts_and_its_locals_do_not() -> None:
    reads, binds = Cell("def f(x):\n    y = x\n    return g + y", ""), Cell("g = 1", "")
    local = Cell("def k():\n    g = 3\n    return g\ny = 1", "")

    assert in_order([reads, local, binds]) == (local, binds, reads)


NAMES = "abcdefgh"


@settings(deadline=None)
@given(st.lists(st.sets(st.integers(0, 7)), min_size=8, max_size=8), st.permutations(range(8)))
def test_dataflow_without_a_circle_is_always_respected(reads: list[set[int]], places: list[int]) -> None:
    lines = [f"{NAMES[n]} = 0" + "".join(f" + {NAMES[m]}" for m in sorted(reads[n]) if m < n) for n in range(8)]

    ordered = [one.source[0] for one in in_order([Cell(lines[n], "") for n in places])]

    for n in range(8):
        assert all(ordered.index(NAMES[m]) < ordered.index(NAMES[n]) for m in reads[n] if m < n)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=8))
def test_no_cell_is_lost_in_a_circle(pairs: list[tuple[str, str]]) -> None:
    cells = [Cell(f"{bound} = {read}", str(number)) for number, (bound, read) in enumerate(pairs)]

    assert sorted(in_order(cells), key=lambda one: int(one.text)) == cells
