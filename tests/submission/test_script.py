"""How scripts are read: what is kept, what is left out, and what the student is told."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import SubmissionError
from grader.model import Span, Submission
from grader.submission.load import load, load_bytes


def read(source: str | bytes) -> Submission:
    return load_bytes(source.encode() if isinstance(source, str) else source, "x.py")


def messages(submission: Submission) -> list[str]:
    return [problem.message for problem in submission.problems]


def test_a_script_is_one_cell_without_a_number() -> None:
    (cell,) = read("a = 1\nb = 2\n").cells

    assert (cell.source, cell.number, cell.first_line) == ("a = 1\nb = 2\n", None, 1)


def test_a_file_is_shown_by_its_base_name_and_known_by_its_digest_and_folder(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_bytes(b"a = 1")

    submission = load(path)

    assert submission.file == "mine.py"
    assert submission.digest == hashlib.sha256(b"a = 1").hexdigest()
    assert submission.directory == str(tmp_path)


def test_bytes_have_no_folder() -> None:
    assert read("a = 1").directory is None


def test_another_name_can_be_shown_and_does_not_change_how_the_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_bytes(b"a = 1")

    submission = load(path, name="ada.ipynb")

    assert (submission.file, len(submission.cells)) == ("ada.ipynb", 1)


def test_a_link_given_by_the_user_is_followed(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_bytes(b"a = 1")
    (tmp_path / "link.py").symlink_to("mine.py")

    assert load(tmp_path / "link.py").cells[0].source == "a = 1"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="There is no file"):
        load(tmp_path / "none.py")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="is a folder"):
        load(tmp_path)


def test_a_named_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")

    with pytest.raises(SubmissionError, match="no regular file"):
        load(tmp_path / "pipe.py")


def test_a_path_with_a_nul_is_refused() -> None:
    with pytest.raises(SubmissionError, match="cannot be opened"):
        load("a\0b.py")


def test_a_script_above_256_kib_is_refused() -> None:
    with pytest.raises(SubmissionError, match=r"x\.py is too large: a script may have at most 256 KiB"):
        read(b"#" * (256 * 1024 + 1))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (b"# only this\n", "the file has no code, only comments"),
        (b"a = 1\nb\0", "line 2 holds a NUL byte: the file is not text"),
        (b"%PDF-1.7\n", "this is a PDF document, not Python; a .py or .ipynb file can be graded"),
        (
            b"PK\x03\x04abc",
            "this is a zip archive or an office document, not Python; a .py or .ipynb file can be graded",
        ),
    ],
)
def test_what_holds_no_code_is_unreadable(source: bytes, message: str) -> None:
    submission = read(source)

    assert submission.cells == ()
    assert [(p.kind, p.message) for p in submission.problems] == [("unreadable", message)]


def test_a_part_with_nothing_but_comments_stays_with_the_code_after_it() -> None:
    cells = read(b"# %% One\na = 1\n# %% [markdown]\n# Why.\n# %% Two\nb = 2\n# %% End\n# Nothing more.\n").cells

    assert [(cell.first_line, cell.text) for cell in cells] == [
        (1, "# %% One\na = 1"),
        (3, "# %% [markdown]\n# Why.\n# %% Two\nb = 2"),
    ]


def test_every_kind_of_line_end_counts_as_one_line() -> None:
    assert read(b"a = 1\r\nb = 2\rc = 3\nd = 4").cells[0].source == "a = 1\nb = 2\nc = 3\nd = 4"


def test_a_byte_order_mark_is_no_part_of_the_code() -> None:
    assert read(b"\xef\xbb\xbfa = 1").cells[0].source == "a = 1"


def test_a_latin_1_cookie_is_believed() -> None:
    submission = read(b"# -*- coding: latin-1 -*-\na = '\xe9'")

    assert submission.cells[0].source.endswith("a = 'é'")
    assert submission.problems == ()


def test_bytes_that_are_not_utf_8_are_read_as_windows_1252_with_a_note() -> None:
    submission = read(b"a = 1\nb = '\x93\xe9'")

    assert submission.cells[0].source == "a = 1\nb = '“é'"
    assert messages(submission) == [
        "line 2 is not saved as UTF-8; the file was read as Windows-1252, so accents may look different"
    ]


def test_utf_16_is_read_with_a_note() -> None:
    submission = read("a = 1".encode("utf-16"))

    assert submission.cells[0].source == "a = 1"
    assert [p.kind for p in submission.problems] == ["note"]


def test_parts_between_percent_lines_are_cells_that_know_their_line() -> None:
    cells = read("a = 1\n# %% two\nb = 2\n#%%\nc = 3\n").cells

    assert [(cell.first_line, cell.source) for cell in cells] == [
        (1, "a = 1"),
        (2, "# %% two\nb = 2"),
        (4, "#%%\nc = 3\n"),
    ]


def test_a_percent_line_within_a_statement_or_a_string_splits_nothing() -> None:
    source = 'def f():\n    a = 1\n# %%\n    return a\ns = """\n# %%\n"""\n'

    assert [cell.source for cell in read(source).cells] == [source]


@pytest.mark.parametrize(
    "marker",
    ["# In[3]:", "# In[ ]:", "# %% [code]", '# %% [code] {"execution":{}}', "# <codecell>", "# COMMAND ----------"],
)
def test_an_export_is_split_where_its_cells_began(marker: str) -> None:
    assert [cell.first_line for cell in read(f"a = 1\n\n{marker}\n\nb = 2\n").cells] == [1, 3]


def test_jupytext_s_light_format_is_split_at_its_own_marks() -> None:
    head = "# ---\n# jupyter:\n#   jupytext:\n#     text_representation:\n#       format_name: light\n# ---\n"

    assert [cell.first_line for cell in read(f"{head}a = 1\n\n# + tags=[]\nb = 2\n# -\nc = 3\n").cells] == [1, 9, 11]
    assert len(read("a = 1\n# + 2 = 3\nb = 2\n").cells) == 1


def test_what_colab_exports_is_read_without_its_shell_commands() -> None:
    submission = read(
        '# -*- coding: utf-8 -*-\n"""Untitled.ipynb\n\nAutomatically generated by Colab.\n"""\n\n'
        "!pip install torch\nget_ipython().system('ls')\nget_ipython().run_line_magic('matplotlib', 'inline')\na = 1\n"
    )

    assert submission.cells[0].source.split()[-6:] == ["pass", "None", "None", "a", "=", "1"]
    assert [problem.kind for problem in submission.problems] == ["note", "note"]


@pytest.mark.parametrize(("name", "language"), [("x.R", "R"), ("x.jl", "Julia"), ("x.m", "MATLAB or Octave")])
def test_a_file_in_another_language_is_not_read(name: str, language: str) -> None:
    submission = load_bytes(b"x = 3\n", name)

    assert submission.cells == ()
    assert messages(submission) == [f"this is {language}, not Python; a .py or .ipynb file can be graded"]


def test_only_the_line_that_is_not_python_is_left_out_of_its_part() -> None:
    submission = read("# %%\na = 1\n# %%\nb = (1 +\nd = 2\n# %%\nc = 3\n")

    assert [(cell.first_line, cell.source) for cell in submission.cells] == [
        (1, "# %%\na = 1"),
        (3, "# %%\nb =  ...\nd = 2"),
        (6, "# %%\nc = 3\n"),
    ]
    assert messages(submission) == ["line 4 cannot be read: its `(` is never closed: `b = (1 +`"]
    assert submission.problems[0].where == Span("x.py", None, 4, 5, 4, 9)


def test_a_part_of_nothing_but_faults_is_left_out() -> None:
    submission = read("# %%\na = 1\n# %%\nwe derive\nit now\n# %%\nc = 3\n")

    assert [cell.first_line for cell in submission.cells] == [1, 6]
    assert messages(submission) == [
        "line 4 cannot be read: something in it is not Python: `we derive`; the part from line 3 to line 5 was left out"
    ]


def test_the_statement_that_is_not_python_is_left_out_and_no_line_moves() -> None:
    submission = read("a = 1\nb = (1 +\nc = 3\n")

    assert [cell.source for cell in submission.cells] == ["a = 1\nb =  ...\nc = 3\n"]
    assert messages(submission) == ["line 2 cannot be read: its `(` is never closed: `b = (1 +`"]


def test_a_statement_goes_with_the_lines_it_is_continued_on() -> None:
    submission = read("a = 1\nb = f(a,\n      2,\nc = 3\n")

    assert submission.cells[0].source == "a = 1\nb =  ...\n\nc = 3\n"
    assert messages(submission) == [
        "line 2 cannot be read: its `(` is never closed: `b = f(a,`; lines 2 to 3 were left out"
    ]


def test_a_function_keeps_what_can_be_read_of_it() -> None:
    submission = read("a = 1\n@wraps\ndef f():\n    x = = 2\n    return x\n\nc = 3\n")

    assert submission.cells[0].source == "a = 1\n@wraps\ndef f():\n    x = ...\n    return x\n\nc = 3\n"
    assert messages(submission) == ["line 4 cannot be read: something in it is not Python: `x = = 2`"]


def test_a_block_goes_with_the_header_that_is_not_python() -> None:
    submission = read("for t in range(3:\n    x = 2\n    y = 2\n\nc = 3\n")

    assert submission.cells[0].source == "x = y = ...\n\n\n\nc = 3\n"
    assert messages(submission) == [
        "line 1 cannot be read: its `(` is never closed: `for t in range(3:`; lines 1 to 3 were left out"
    ]


def test_what_the_block_was_to_fill_is_to_be_done_and_what_had_a_value_keeps_it() -> None:
    submission = read("w = 1.5\ndw = np.zeros(3)\nfor t in range(3:\n    dw[t] += w\n    w -= dw[t]\n")

    assert submission.cells[0].source == "w = 1.5\ndw = np.zeros(3)\ndw = ...\n\n\n"


def test_a_loop_without_a_body_does_not_take_the_lines_after_it_along() -> None:
    submission = read("for t in range(3):\ndh = 1\ndx = 2\n")

    assert submission.cells[0].source == "\ndh = 1\ndx = 2\n"


def test_a_line_indented_too_far_goes_alone() -> None:
    submission = read("a = 1\n   b = 2\nc = 3\n")

    assert submission.cells[0].source == "a = 1\nb =  ...\nc = 3\n"
    assert "it is indented further than the line before it" in submission.problems[0].message


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("dh = 2 * (1 − h**2)", "dh =            ..."),
        ("dh, dw = (1", "dh = dw = ..."),
        ("dh = dw = (1", "dh = dw = ..."),
        ("g['dh'] = (1", "g['dh'] = ..."),
        ("self.dh = (1", "self.dh = ..."),
        ("dh += (1", "dh = ..."),
        ("dh[t] *= (1", "dh[t] = ..."),
        ("dh\u00a0= 1", "dh = ..."),
    ],
)
def test_what_a_lost_line_would_have_bound_is_still_to_be_done(line: str, instead: str) -> None:
    assert read(f"a = 1\n{line}\nc = 3\n").cells[0].source == f"a = 1\n{instead}\nc = 3\n"


@pytest.mark.parametrize("line", ["print(1", "f(a=(1", "x == (1", "x <= (1", "dh−1 = 2", "x y = 3"])
def test_a_lost_line_that_binds_nothing_leaves_nothing(line: str) -> None:
    assert read(f"a = 1\n{line}\nc = 3\n").cells[0].source == "a = 1\n\nc = 3\n"


def test_of_two_lines_indented_differently_the_odd_one_goes() -> None:
    submission = read("for t in x:\n     a = 1\n    b = 2\nc = 3\n")

    assert submission.cells[0].source == "for t in x:\n    a = ...\n    b = 2\nc = 3\n"
    assert submission.problems[0].where == Span("x.py", None, 2, 1, 2, 11)


def test_prose_is_not_picked_for_what_might_be_python() -> None:
    prose = "Here we derive\nthe gradient step by step\nwith care\nx\n"

    submission = read(f"# %%\n{prose}# %%\na = 1\n")

    assert [cell.first_line for cell in submission.cells] == [6]
    assert len(submission.problems) == 1


def test_a_magic_behind_an_open_bracket_is_no_further_fault() -> None:
    submission = read("a = (1\n%matplotlib inline\nb = 2\n!pip install x\nc = 3\n")

    assert submission.cells[0].source == "a = ...\npass\nb = 2\npass\nc = 3\n"
    assert [problem.kind for problem in submission.problems] == ["note", "syntax"]


def test_the_text_stays_as_the_student_wrote_it() -> None:
    (cell,) = read("a = 1\nb = (1 +\nc = 3\n").cells

    assert cell.text == "a = 1\nb = (1 +\nc = 3\n"


def test_a_file_of_nothing_but_faults_has_no_cells() -> None:
    submission = read("x = = 1\n" * 30)

    assert submission.cells == ()
    assert submission.problems[0].message.endswith("nothing of the file could be run")


def test_print_statements_of_python_2_are_skipped_and_told_once() -> None:
    submission = read("a = 1\nfor i in range(2):\n    print 'loss', a\n    b = 2\nprint b; c = 3\n")

    assert submission.cells[0].source == "a = 1\nfor i in range(2):\n    pass           \n    b = 2\npass   ; c = 3\n"
    assert messages(submission) == ["line 3 is Python 2: write `print('loss', a)` for `print 'loss', a`; so is line 5"]


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("exec 'a = 1'", "exec('a = 1')"),
        ("a = `b`", "a = repr(b)"),
        ("c = a <> b", "c = a != b"),
        ("n = 10L", "n = 10"),
        ("n = 0755", "n = 0o755"),
        ("s = ur'a'", "s = r'a'"),
        ("raise ValueError, 'no'", "raise ValueError('no')"),
    ],
)
def test_python_2_is_named_and_read_as_python_3_has_it(line: str, instead: str) -> None:
    submission = read(f"a = 1\n{line}\n")

    assert messages(submission) == [f"line 2 is Python 2: write `{instead}` for {'`' + line + '`'}"]
    assert submission.cells[0].source == f"a = 1\n{instead}\n"


def test_an_except_clause_of_python_2_keeps_its_try() -> None:
    submission = read("try:\n    a = 1\nexcept ValueError, e:\n    b = 1\nc = 3\n")

    assert submission.cells[0].source == "try:\n    a = 1\nexcept ValueError as e:\n    b = 1\nc = 3\n"
    assert messages(submission) == ["line 3 is Python 2: write `except ValueError as e:` for `except ValueError, e:`"]


def test_all_that_is_python_2_is_one_problem() -> None:
    submission = read("print 'a'\nn = 10L\nif n <> 3L:\n    print n,\n")

    assert messages(submission) == ["line 1 is Python 2: write `print('a')` for `print 'a'`; so are lines 2, 3 and 4"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a = 'x", "a quotation mark is never closed"),
        ("a = [1, 2", "its `[` is never closed"),
        ("a = 1)", "its `)` was never opened"),
        ("a = (1]", "its `(` is closed by `]`"),
        ("if a = 1: b = 2", "`=` gives a name a value; to compare two values, write `==`"),
        ("a = “x”", 'it has a `“` (U+201C) from a word processor where Python needs `"`'),
        ("a = ‘x’", "it has a `‘` (U+2018) from a word processor where Python needs `'`"),
        ("a = 3 − 1", "it has a `−` (U+2212) from a word processor where Python needs `-`"),
        ("a = 3 – 1", "it has a `–` (U+2013) from a word processor where Python needs `-`"),
        ("a = 3 × 1", "it has a `×` (U+00D7) from a word processor where Python needs `*`"),
        ("a = 3²", "it has a `²` (U+00B2) from a word processor where Python needs `**2`"),
        ("a = f（3)", "it has a `（` (U+FF08) from a word processor where Python needs `(`"),
        ("a = ∂y", "it has a `∂` (U+2202), which means nothing in Python"),
        ("a =\u00a03", "it has a space (U+00A0) from a word processor where Python needs an ordinary one"),
        ("a =\u200b3", "it has an invisible character (U+200B) that came with a copy"),
        ("a = [3 4]", "a comma or an operator such as `*` seems to be missing"),
        ("return 3", "'return' outside function"),
    ],
)
def test_a_syntax_error_is_told_in_plain_words(line: str, reason: str) -> None:
    shown = line.replace("\u200b", "?").replace("\u00a0", "?")

    assert messages(read(f"z = 1\n{line}\n")) == [f"line 2 cannot be read: {reason}: `{shown}`"]


def test_mixed_tabs_and_spaces_are_named() -> None:
    submission = read("if 1:\n\ta = 1\n        b = 2\nc = 3\n")

    assert "its indentation mixes tabs and spaces" in submission.problems[0].message


def test_columns_count_characters_where_the_compiler_counts_bytes() -> None:
    submission = read("a = 'éé'; return 3\n")

    assert submission.problems[0].where == Span("x.py", None, 1, 11, 1, 19)


def test_lines_named_within_a_message_are_lines_of_the_file() -> None:
    submission = read("# %%\na = 1\n# %%\nfor t in x:\nb = 2\n")

    assert "after 'for' statement on line 4" in submission.problems[0].message


@pytest.mark.parametrize("source", ["x = " + "-" * 9000 + "1", "x = 1" + "+1" * 90000, "(" * 9000, "x = " + "9" * 9000])
def test_code_that_overwhelms_the_parser_is_a_problem_like_any_other(source: str) -> None:
    submission = read("a = 1\n" + source)

    assert [p.kind for p in submission.problems] == ["syntax"]


def test_a_quoted_line_cannot_steer_a_terminal() -> None:
    assert "\x1b" not in messages(read("a = '\x1b[31m"))[0]


def test_warnings_of_the_parser_stay_inside(recwarn: pytest.WarningsRecorder) -> None:
    read("a = '\\d' is 1\n")

    assert list(recwarn) == []


SCRIPT = (
    "import math\n# %% a\nh = 1 # é\n%time x = h\nprint 'a'\ndef f(t):\n    !ls\n    return (t)\n"
    "#%%\ns = '''\n'''\nf?\nget_ipython().system('ls')\n"
)


@st.composite
def mutated(draw: st.DrawFn, text: bytes) -> bytes:
    """`text` with a few slices of it replaced by anything, or by another slice."""
    for _ in range(draw(st.integers(1, 4))):
        start, end, other = (draw(st.integers(0, len(text))) for _ in range(3))
        piece = draw(
            st.one_of(st.binary(max_size=6), st.just(text[other : other + 20]), st.sampled_from(b"({'\"%!?=\\\n\t#"))
        )
        text = text[:start] + (bytes([piece]) if isinstance(piece, int) else piece) + text[max(start, end) :]
    return text


def assert_spans_lie_inside(submission: Submission, text: str) -> None:
    lines = text.split("\n")
    for where in (problem.where for problem in submission.problems if problem.where is not None):
        assert 1 <= where.line <= where.end_line <= len(lines)
        assert 1 <= where.column <= len(lines[where.line - 1]) + 1
        assert 1 <= where.end_column <= len(lines[where.end_line - 1]) + 1
        assert (where.line, where.column) <= (where.end_line, where.end_column)


@given(st.one_of(st.binary(max_size=300), mutated(SCRIPT.encode())))
def test_any_bytes_are_read_and_every_span_lies_inside_them(data: bytes) -> None:
    submission = load_bytes(data, "x.py")

    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    if not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        for cell in submission.cells:
            assert len(cell.source.split("\n")) == len(cell.text.split("\n"))
        if data.isascii():
            assert_spans_lie_inside(submission, text)


@given(st.one_of(st.text(max_size=200), mutated(SCRIPT.encode()).map(lambda b: b.decode("utf-8", "ignore"))))
def test_what_is_kept_compiles(text: str) -> None:
    for cell in load_bytes(text.encode("utf-8", "replace"), "x.py").cells:
        compile(cell.source, "x.py", "exec", dont_inherit=True)
