"""What is open in an editor, and what of it is graded."""

from __future__ import annotations

import pytest

pytest.importorskip("lsprotocol")

from lsprotocol.types import NotebookCell, NotebookCellKind

from grader.editor.documents import DocumentPart, OpenDocument, file, notebook

from . import cells_of


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("file:///home/a/mine.py", "mine.py"),
        ("file:///home/a/my%20work.qmd", "my work.qmd"),
        ("untitled:Untitled-1", "Untitled-1.py"),
        ("file:///home/a/mine.ipynb", "mine.py"),  # as JupyterLab shows a notebook: one text
    ],
)
def test_the_name_says_how_it_is_read(uri: str, name: str) -> None:
    assert file(uri, "a = 1", 1).name == name


def test_a_text_that_was_never_saved_has_no_file() -> None:
    assert file("untitled:Untitled-1", "a = 1", 1).path is None


def test_the_copy_that_jupyter_makes_of_a_notebook_stands_for_the_notebook() -> None:
    assert file("file:///home/a/.virtual_documents/mine.ipynb", "a = 1", 1).path == "/home/a/mine.ipynb"


def test_a_text_is_read_as_the_editor_has_it_whatever_encoding_it_names() -> None:
    submission = file("file:///mine.py", "# coding: latin-1\nδ = 1\n", 1).submission()

    assert submission.cells[0].text == "# coding: latin-1\nδ = 1\n"


def test_cells_are_numbered_among_all_and_only_python_is_code() -> None:
    cells = cells_of("# text", "a = 1", "SELECT 1", languages=("markdown", "python", "sql"))
    document = notebook("file:///mine.ipynb", *cells)

    assert [(cell.number, cell.text) for cell in document.submission().cells] == [(2, "a = 1")]


def changed(*new: str, start: int = 1, deleted: int = 0) -> OpenDocument:
    """A notebook of two cells in which some cells, known or new, replace others."""
    document = notebook("file:///mine.ipynb", *cells_of("one", "two"))
    cells = [NotebookCell(NotebookCellKind.Code, uri) for uri in new]
    return document.with_cells(start, deleted, cells, {"new": DocumentPart("new", "three")})


def test_a_new_cell_moves_the_others_on() -> None:
    assert [(part.number, part.text) for part in changed("new").parts] == [(1, "one"), (2, "three"), (3, "two")]


def test_a_deleted_cell_is_gone() -> None:
    assert [part.text for part in changed(start=0, deleted=1).parts] == ["two"]


def test_a_cell_that_moves_keeps_its_text() -> None:
    assert [part.text for part in changed("cell:1", "cell:0", start=0, deleted=2).parts] == ["two", "one"]


def test_what_has_been_changed_is_not_saved() -> None:
    document = file("file:///mine.py", "a = 1", 1)

    assert (document.is_saved, document.with_text(document.uri, "a = 2", 2).is_saved) == (True, False)
