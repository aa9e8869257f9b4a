"""What an editor is told about a checked document, and about its later versions."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("lsprotocol")

from lsprotocol.types import (
    CodeActionContext,
    DiagnosticSeverity,
    MarkupKind,
    Position,
    Range,
    TextDocumentContentChangePartial,
)

from grader.editor.documents import DocumentPart, OpenDocument, changed, file, notebook
from grader.editor.view import CheckedDocument, View, label
from grader.model import Cell, Diagnosis, Outcome, Problem, Result, Reveal, Span

from ..report.cases import (
    FORUM,
    diagnosed_case,
    result,
    span,
    step,
)
from . import cells_of

URI = "file:///mine.py"
EVERYTHING = Range(Position(0, 0), Position(999, 0))
CONTEXT = CodeActionContext(())


def view(of: Result, document: OpenDocument | None = None, encoding: str = "utf-16") -> View:
    return View.of(CheckedDocument(document or file(URI, FORUM, 1), of, encoding))


def part(text: str, version: int = 2) -> DocumentPart:
    return DocumentPart(URI, text, version)


def row_of(name: str, text: str = FORUM) -> int:
    return next(row for row, line in enumerate(text.split("\n")) if line.startswith(f"{name} = "))


def test_the_wrong_range_is_underlined_with_what_the_report_says() -> None:
    first, *others = view(diagnosed_case()).diagnostics[URI]

    assert first.range == Range(Position(15, 15), Position(15, 21))
    assert (first.severity, first.code) == (DiagnosticSeverity.Error, "tanh-derivative-on-pre-activation")
    assert "`dh1_dwh` = d(h1)/d(w_h) is the first wrong step" in first.message
    assert "help: write `h1` where the line is marked:\n    dh1_dwh = (1 - h1**2) * dh1raw_dwh" in first.message
    assert [one.range.start.line for one in others] == [17, 22]


def test_columns_are_counted_in_the_units_of_the_editor() -> None:
    text = "𝛅 = '😀'; x = h_raw\n"
    wrong = step("x", "x", "wrong", source=None, where=span(1, 14, 19), code="x = h_raw")
    made = result((wrong,), text)
    document = file(URI, text, 1)

    starts = {
        encoding: view(made, document, encoding).diagnostics[URI][0].range.start.character
        for encoding in ("utf-8", "utf-16", "utf-32")
    }

    assert starts == {"utf-8": 13 + 6, "utf-16": 13 + 2, "utf-32": 13}


def test_a_range_in_a_notebook_is_one_of_its_cell() -> None:
    document = notebook("file:///mine.ipynb", *cells_of("# text", "  a = 1\n  x = h_raw", languages=("markdown",)))
    where = Span("mine.ipynb", 2, 2, 5, 2, 10)
    wrong = step("x", "x", "wrong", source=None, where=where, code="x = h_raw")
    # An indented cell is read without its indentation, as IPython runs it.
    made = result((wrong,), submission="mine.ipynb", sources=(Cell("a = 1\nx = h_raw", "a = 1\nx = h_raw", 2),))

    found = view(made, document).diagnostics

    assert found["cell:0"] == []
    assert found["cell:1"][0].range == Range(Position(1, 6), Position(1, 11))


def test_what_has_no_place_is_said_at_the_top() -> None:
    made = result((), problems=(Problem("timeout", "it took too long"),), score=None)

    (found,) = view(made).diagnostics[URI]

    assert (found.range.start, found.severity) == (Position(0, 0), DiagnosticSeverity.Warning)


def test_a_step_that_is_not_written_yet_is_no_mistake() -> None:
    blank = step(
        "dh1", "d(L)/d(h1)", "missing", source=None, reason="placeholder", where=span(1, 7, 10), code="dh1 = ..."
    )

    (found,) = view(result((blank,), "dh1 = ...\n"), file(URI, "dh1 = ...\n", 1)).diagnostics[URI]

    assert (found.severity, found.range.end.character) == (DiagnosticSeverity.Information, 9)


def test_a_verdict_stands_behind_each_steps_line() -> None:
    found = {hint.position.line: (hint.position.character, hint.label) for hint in view(diagnosed_case()).hints[URI]}

    assert found[row_of("dh1raw_dwh")] == (len("dh1raw_dwh = h0 + w_h * dh0_dwh"), "✓ right")
    assert found[row_of("dh1_dwh")][1] == "✗ wrong"
    assert found[row_of("dh2raw_dwh")][1] == "✓ fed by dh1_dwh"
    assert row_of("h1_raw") not in found  # a forward value that is right


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (["correct", "correct"], "✓ right"),
        (["correct", "wrong"], "✓ s0: right, ✗ s1: wrong"),
        (["wrong", "wrong", "missing"], "✗ s0 and s1: wrong, … s2: missing"),
    ],
)
def test_steps_on_one_line_share_a_hint(outcomes: list[Outcome], expected: str) -> None:
    assert label([step(f"s{n}", "d(a)/d(b)", one, source=None) for n, one in enumerate(outcomes)]) == expected


def test_a_step_with_the_mistake_of_another_is_not_marked_as_right() -> None:
    sharing = step("dh2", "d(y2)/d(h2)", "carried", source=None, reason="same_mistake", caused_by=("dh1",))

    assert label([sharing]) == "✗ same mistake as dh1"


@pytest.mark.parametrize("kind", MarkupKind)
def test_pointing_at_a_wrong_line_explains_it(kind: MarkupKind) -> None:
    found = view(diagnosed_case()).hover_at(part(FORUM), Position(row_of("dh1_dwh"), 2), kind)

    assert found is not None
    assert "You squared" in found.contents.value or "This squares" in found.contents.value
    assert found.range == Range(Position(15, 15), Position(15, 21))
    assert ("```python" in found.contents.value) == (kind == MarkupKind.Markdown)


def test_pointing_at_a_line_without_a_step_says_nothing() -> None:
    assert view(diagnosed_case()).hover_at(part(FORUM), Position(1, 0), MarkupKind.Markdown) is None


@pytest.mark.parametrize("level", ["location", "hint", "rule"])
def test_below_the_level_of_repairs_nothing_gives_one_away(level: Reveal) -> None:
    made = view(replace(diagnosed_case(), reveal=level))
    hover = made.hover_at(part(FORUM), Position(row_of("dh1_dwh"), 2), MarkupKind.Markdown)
    said = [hover.contents.value if hover else "", *(one.message for one in made.diagnostics[URI])]

    assert made.repairs == ()
    assert not any("(1 - h1**2) * dh1raw_dwh" in one or "0.2099" in one for one in said)


def test_a_repair_is_an_edit_of_the_marked_range_of_this_version() -> None:
    (found, *_) = view(diagnosed_case()).actions_in(part(FORUM, 7), line(15), CONTEXT, versioned=True)

    assert found.title == "Repair `dh1_dwh`: dh1_dwh = (1 - h1**2) * dh1raw_dwh"
    assert found.is_preferred
    assert found.edit is not None
    assert found.edit.document_changes is not None
    (change,) = found.edit.document_changes
    assert change.text_document.version == 7
    assert (change.edits[0].range, change.edits[0].new_text) == (Range(Position(15, 15), Position(15, 21)), "h1")


def line(row: int) -> Range:
    return Range(Position(row, 0), Position(row, 0))


@pytest.mark.parametrize(
    ("code", "fix", "put", "expected"),
    [
        ("x = a", "x = b", "b", "y = 1\nx = b  # mine\nz = 2\n"),
        ("x = a", "x = (b +\n     c)", None, "y = 1\nx = (b +\n     c)  # mine\nz = 2\n"),
        ("x = a", "", None, "y = 1\n  # mine\nz = 2\n"),
    ],
)
def test_the_edit_makes_the_statement_the_one_that_was_proven(
    code: str, fix: str, put: str | None, expected: str
) -> None:
    text = "y = 1\nx = a  # mine\nz = 2\n"

    assert repaired(text, code, Diagnosis("", "likely", None, None, put, fix), span(2, 5, 6)) == [expected]


def test_a_line_that_is_to_be_left_out_is_taken_out_whole() -> None:
    text = "y = 1\n    x = a\nz = 2\n"

    assert repaired(text, "x = a", Diagnosis("", "likely", None, None, None, ""), span(2, 5, 10)) == ["y = 1\nz = 2\n"]


def test_each_of_several_repairs_is_offered() -> None:
    found = Diagnosis("", "one_of", None, None, "b", "x = b", ("x = c",))

    assert repaired("x = a\n", "x = a", found, span(1, 5, 6)) == ["x = b\n", "x = c\n"]


def test_a_repair_of_a_helper_is_offered_if_it_gives_the_proven_line() -> None:
    text = "def f(a):\n    return -a  # wrong\nx = f(1)\n"

    found = repaired(text, "x = f(1)", Diagnosis("", "certain", None, None, "a", "return a"), span(2, 12, 14))

    assert found == ["def f(a):\n    return a  # wrong\nx = f(1)\n"]


def test_a_repair_that_does_not_lead_to_the_proven_statement_is_not_offered() -> None:
    assert repaired("x = a\n", "x = other", Diagnosis("", "certain", None, None, "b", "x = c"), span(1, 5, 6)) == []


def repaired(text: str, code: str, found: Diagnosis, where: Span) -> list[str]:
    """The texts after each of the repairs that are offered."""
    wrong = step("x", "x", "wrong", source=None, where=where, code=code, diagnosis=found)
    made = view(result((wrong,), text), file(URI, text, 1))
    actions = made.actions_in(part(text, 1), EVERYTHING, CONTEXT, versioned=False)
    edits = [one.edit.changes[URI] for one in actions if one.edit is not None and one.edit.changes]
    return [
        changed(text, [TextDocumentContentChangePartial(range=one.range, text=one.new_text) for one in each], "utf-16")
        for each in edits
    ]


def test_hints_move_with_their_lines_and_are_gone_where_one_types() -> None:
    now = FORUM.replace("dh1_dwh = (1", "# new\ndh1_dwh = 2 * (1")

    found = {hint.position.line: hint.label for hint in view(diagnosed_case()).hints_in(part(now), EVERYTHING)}

    assert found[row_of("dh1raw_dwh", now)] == "✓ right"
    assert found[row_of("dh2_dwh", now)] == "✗ wrong"
    assert row_of("dh1_dwh", now) not in found


def test_hints_are_given_for_the_lines_that_are_shown() -> None:
    assert len(view(diagnosed_case()).hints_in(part(FORUM), line(15))) == 1


def test_an_explanation_moves_with_its_line() -> None:
    now = f"# new\n{FORUM}"

    found = view(diagnosed_case()).hover_at(part(now), Position(row_of("dh1_dwh", now), 0), MarkupKind.PlainText)

    assert found is not None
    assert found.range is not None
    assert found.range.start.line == 16


def test_a_repair_moves_with_its_line_and_is_gone_with_it() -> None:
    made = view(diagnosed_case())
    moved = part(f"# new\n{FORUM}")
    edited = part(FORUM.replace("dh1_dwh = (1", "dh1_dwh = 2 * (1"))

    (found,) = made.actions_in(moved, line(16), CONTEXT, versioned=False)

    assert found.edit is not None
    assert found.edit.changes is not None
    assert found.edit.changes[URI][0].range == Range(Position(16, 15), Position(16, 21))
    assert made.actions_in(edited, line(15), CONTEXT, versioned=False) == []


@pytest.mark.parametrize(("only", "number"), [(None, 1), (["quickfix"], 1), ([""], 1), (["refactor"], 0)])
def test_only_an_editor_that_asks_for_repairs_gets_them(only: list[str] | None, number: int) -> None:
    context = CodeActionContext((), only=only)

    assert len(view(diagnosed_case()).actions_in(part(FORUM), line(15), context, versioned=False)) == number
