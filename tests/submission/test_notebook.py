"""How notebooks are read: of any version, in whatever state, and never through their outputs."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import SubmissionError
from grader.model import Span, Submission
from grader.submission.load import MAX_NOTEBOOK, load_bytes


def code(source: object, count: object = None, **more: object) -> dict[str, object]:
    return {"cell_type": "code", "source": source, "execution_count": count, "outputs": [], "metadata": {}, **more}


def notebook(*cells: object, **more: object) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **more}).encode()


def read(*cells: object, **more: object) -> Submission:
    return load_bytes(notebook(*cells, **more), "x.ipynb")


def messages(submission: Submission) -> list[str]:
    return [problem.message for problem in submission.problems]


WORDS = {"cell_type": "markdown", "source": "# Title", "metadata": {}}


def test_a_code_cell_is_numbered_among_all_cells() -> None:
    assert [cell.number for cell in read(WORDS, code("a = 1"), WORDS, code("b = 2")).cells] == [2, 4]


def test_lines_count_from_the_top_of_the_cell() -> None:
    assert [cell.first_line for cell in read(code("a = 1"), code("b = 2")).cells] == [1, 1]


def test_a_source_may_be_a_list_of_lines() -> None:
    assert read(code(["a = 1\n", "b = 2"])).cells[0].source == "a = 1\nb = 2"


def test_the_saved_count_is_kept() -> None:
    assert [cell.execution_count for cell in read(code("a = 1", 7), code("b = 2"), code("c = 3", "x")).cells] == [
        7,
        None,
        None,
    ]


def test_a_cell_without_code_is_not_kept() -> None:
    assert [cell.number for cell in read(code(""), code("# words"), code("a = 1")).cells] == [3]


def test_outputs_are_not_looked_at() -> None:
    assert read(code("a = 1", outputs="no list at all")).problems == ()


def test_a_cell_that_is_not_python_is_left_out_and_the_others_are_kept() -> None:
    submission = read(code("a = 1"), code("We derive\nthe gradient now\nby hand again\n"), code("c = 3"))

    assert [cell.number for cell in submission.cells] == [1, 3]
    assert messages(submission) == [
        "cell 2, line 1 cannot be read: something in it is not Python: `We derive`; this cell was left out"
    ]


def test_a_line_that_is_not_python_is_all_that_is_lost_of_its_cell() -> None:
    submission = read(code("a = 1"), code("b = 2\ndé = (1 - h**2"), code("c = 3"))

    assert [cell.source for cell in submission.cells] == ["a = 1", "b = 2\ndé =       ...", "c = 3"]
    assert messages(submission) == ["cell 2, line 2 cannot be read: its `(` is never closed: `dé = (1 - h**2`"]
    assert submission.problems[0].where == Span("x.ipynb", 2, 2, 6, 2, 15)


def test_the_indentation_all_lines_share_is_taken_away_as_ipython_does() -> None:
    assert read(code("  a = 1\n  if a:\n    b = 2")).cells[0].source == "a = 1\nif a:\n  b = 2"


def test_saved_counts_that_run_backwards_are_told_with_the_two_cells() -> None:
    submission = read(code("a = 1", 4), WORDS, code("b = 2", 9), code("c = 3", 5), code("d = 4", 2))

    assert [(p.kind, p.message) for p in submission.problems] == [
        (
            "order",
            "cell 4 was last run before cell 3 (saved counts 5 and 9); the notebook is graded top to bottom",
        )
    ]
    assert submission.problems[0].where == Span("x.ipynb", 4, 1, 1, 1, 6)


def test_counts_with_gaps_and_cells_never_run_are_in_order() -> None:
    assert read(code("a = 1", 2), code("b = 2"), code("c = 3", 8)).problems == ()


def test_cells_that_were_copied_with_their_count_are_in_order() -> None:
    assert read(code("a = 1", 2), code("b = a", 2), code("c = 3", 3)).problems == ()


def test_an_old_notebook_is_read_with_a_note() -> None:
    cells = [
        {"cell_type": "heading", "level": 1, "source": "Title"},
        {"cell_type": "code", "input": ["a = 1\n", "b = 2"], "prompt_number": 3, "outputs": [{"bad": 1}]},
    ]
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}

    submission = load_bytes(json.dumps(old).encode(), "x.ipynb")

    (cell,) = submission.cells
    assert (cell.source, cell.number, cell.execution_count) == ("a = 1\nb = 2", 2, 3)
    assert messages(submission) == ["the notebook is saved in the old format 3; it was read as format 4"]


def test_what_the_library_says_of_an_old_notebook_is_not_printed(caplog: pytest.LogCaptureFixture) -> None:
    sheet = {"cells": [{"cell_type": "code", "input": "x = 1", "language": "python", "outputs": [], "odd": "\ud800"}]}
    data = json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [sheet]}).encode()

    assert [cell.text for cell in load_bytes(data, "x.ipynb").cells] == ["x = 1"]
    assert caplog.records == []


def test_a_damaged_old_notebook_is_unreadable() -> None:
    submission = load_bytes(b'{"nbformat": 3, "worksheets": [{"cells": [3]}]}', "x.ipynb")

    assert messages(submission) == ["the notebook is saved in the old format 3, and parts of that are missing"]


def test_a_notebook_without_a_version_is_read_by_its_shape() -> None:
    assert len(load_bytes(b'{"cells": [{"cell_type": "code", "source": "a = 1"}]}', "x.ipynb").cells) == 1


def test_a_notebook_under_the_name_of_a_script_is_read_as_a_notebook() -> None:
    assert load_bytes(notebook(WORDS, code("a = 1")), "x.py").cells[0].number == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty"),
        ("[1]", "the file is JSON, but not a notebook"),
        ("{}", "the file is JSON, but not a notebook: it has no list of cells"),
        ('{"cells": []}', "the notebook has no code"),
        (
            '{"cells":\n [1, 2',
            "the notebook cannot be opened: its JSON breaks off at line 2, column 7; "
            "the file looks cut short, as after a download that was not finished",
        ),
        (
            '{"cells": ["a',
            "the notebook cannot be opened: its JSON breaks off at line 1, column 12; "
            "the file looks cut short, as after a download that was not finished",
        ),
        (
            '{"cells": [\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> theirs\n]}',
            "the notebook cannot be opened: its JSON breaks off at line 2, column 1; "
            "it holds git conflict markers from line 2 on, which a merge left there",
        ),
        (
            '{"cells": [,]}',
            "the notebook cannot be opened: its JSON breaks off at line 1, column 12; "
            "opening and saving it once in Jupyter shows whether it can be mended",
        ),
        ("[" * 100_000, "the file is JSON, but nested too deeply or with too long a number for a notebook"),
    ],
)
def test_what_is_no_notebook_is_unreadable(content: str, message: str) -> None:
    submission = load_bytes(content.encode(), "x.ipynb")

    assert submission.cells == ()
    assert [(p.kind, p.message) for p in submission.problems] == [("unreadable", message)]


def test_a_notebook_above_20_mib_is_refused() -> None:
    with pytest.raises(SubmissionError, match=r"x\.ipynb is too large: a notebook may have at most 20 MiB"):
        load_bytes(b" " * (MAX_NOTEBOOK + 1), "x.ipynb")


def test_a_cell_that_is_data_is_left_out() -> None:
    submission = read(code("a = 1"), code("b = '" + "x" * 300_000 + "'"))

    assert [cell.number for cell in submission.cells] == [1]
    assert messages(submission) == ["cell 2 has 300006 characters, too many to read, and was left out"]


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"kernelspec": {"language": "R", "name": "ir"}}, "R"),
        ({"language_info": {"name": "R"}}, "R"),
        ({"language_info": {"name": "julia"}}, "Julia"),
        ({"kernelspec": {"name": "julia-1.10"}}, "Julia"),
        ({"kernelspec": {"name": "octave", "display_name": "Octave"}}, "Octave"),
        ({"kernelspec": {"language": "scala"}}, "Scala"),
        ({"language_info": {"name": "javascript"}}, "JavaScript"),
    ],
)
def test_a_notebook_in_another_language_is_not_read(metadata: dict[str, object], language: str) -> None:
    submission = read(code("x = 1"), code("y <- {"), metadata=metadata)

    assert submission.cells == ()
    assert [(problem.kind, problem.message) for problem in submission.problems] == [
        ("unreadable", f"the notebook is written in {language}; only Python can be graded")
    ]


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        {"kernelspec": {"language": "python", "name": "my-env"}},
        {"kernelspec": {"name": "my-env"}},
        {"language_info": {"name": "ipython"}},
        {"language_info": {"name": 3}, "kernelspec": []},
    ],
)
def test_a_notebook_in_python_or_of_no_known_language_is_read(metadata: dict[str, object]) -> None:
    assert [cell.source for cell in read(code("x = 1"), metadata=metadata).cells] == ["x = 1"]


def test_half_a_character_does_not_reach_the_source() -> None:
    (cell,) = load_bytes(b'{"cells": [{"cell_type": "code", "source": "a = \'\\ud800\'"}]}', "x.ipynb").cells

    assert cell.source == "a = '\ufffd'"


def test_nothing_is_written_to_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    load_bytes(b'{"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": 3}]}]}', "x.ipynb")

    assert capfd.readouterr().err == ""


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)
SOURCE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["%time x = 1", "!ls\ny = é(", "%%bash\nls", "  a = 1\n  print 'b'", "x = a ? b\n%%time", "f?\r\rx ="]
    ),
    JSON,
)
CELL = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "code", "code", "markdown", "heading", 3]), "source": SOURCE},
    optional={"execution_count": JSON, "input": SOURCE, "prompt_number": JSON, "outputs": JSON, "metadata": JSON},
)
CELLS = st.lists(st.one_of(CELL, JSON), max_size=4)
NOTEBOOK = st.fixed_dictionaries(
    {"nbformat": st.one_of(st.integers(-1, 6), JSON)},
    optional={
        "cells": CELLS,
        "worksheets": st.one_of(JSON, st.lists(st.fixed_dictionaries({"cells": CELLS}))),
        "metadata": JSON,
    },
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(NOTEBOOK, st.integers(0, 400))
def test_any_notebook_is_read_and_every_span_lies_inside_its_cell(content: object, cut: int) -> None:
    data = json.dumps(content).encode()
    for version in (data, data[:cut] + data[cut + 1 :], data[:cut]):
        submission = load_bytes(version, "x.ipynb")

        for cell in submission.cells:
            compile(cell.source, "x.ipynb", "exec", dont_inherit=True)
            assert len(cell.source.split("\n")) == len(cell.text.split("\n"))
            lines = cell.text.split("\n")
            for where in (p.where for p in submission.problems if p.where and p.where.cell == cell.number):
                assert 1 <= where.line <= where.end_line <= len(lines)
                assert 1 <= where.column <= len(lines[where.line - 1]) + 1
                assert 1 <= where.end_column <= len(lines[where.end_line - 1]) + 1


@given(st.binary(max_size=200))
def test_any_bytes_are_read(data: bytes) -> None:
    assert load_bytes(data, "x.ipynb").cells == ()
