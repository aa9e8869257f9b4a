"""The language server. Its parts are tested in memory, the server itself as an editor uses it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsprotocol.types import NotebookCell

    from grader.editor.documents import DocumentPart


def cells_of(*texts: str, languages: Sequence[str] = ()) -> tuple[list[NotebookCell], dict[str, DocumentPart]]:
    """Cells with the addresses `cell:0`, `cell:1` and so on, and their texts."""
    from lsprotocol.types import NotebookCell, NotebookCellKind

    from grader.editor.documents import DocumentPart

    kinds = [*languages, *["python"] * (len(texts) - len(languages))]
    cells = [
        NotebookCell(NotebookCellKind.Markup if kind == "markdown" else NotebookCellKind.Code, f"cell:{number}")
        for number, kind in enumerate(kinds)
    ]
    parts = [DocumentPart(f"cell:{n}", text, 1, is_code=kinds[n] == "python") for n, text in enumerate(texts)]
    return cells, {part.uri: part for part in parts}
