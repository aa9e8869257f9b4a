"""`grader lsp` as an editor uses it: over standard input and output."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pytest_lsp")

import pytest_lsp
from lsprotocol import types as lsp
from pygls.protocol import default_converter
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

from . import cells_of

pytestmark = [pytest.mark.slow, pytest.mark.asyncio]

WRONG = (Path(__file__).parents[1] / "cases" / "wrong" / "forum_plain.py").read_text().partition("# %%")[0]
MARKER = "\n# grader check tanh-chain mine.py\n"
URI = "file:///nowhere/mine.py"
PATIENCE = 60.0
"""Seconds: machines that run tests are busy."""


class Editor(LanguageClient):  # type: ignore[misc]  # without annotations
    """An editor that starts the server, and what it was told."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self.received: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()
        self.refreshed = 0

    async def begin(self, like: str = "visual-studio-code", **options: Any) -> lsp.ServerCapabilities:
        capabilities = client_capabilities(like)
        notebooks = lsp.NotebookDocumentSyncClientCapabilities(dynamic_registration=True)
        capabilities.notebook_document = lsp.NotebookDocumentClientCapabilities(notebooks)
        assert capabilities.workspace is not None
        capabilities.workspace.inlay_hint = lsp.InlayHintWorkspaceClientCapabilities(refresh_support=True)
        sent = lsp.InitializeParams(capabilities, root_uri="file:///nowhere", initialization_options=options)
        return (await self.initialize_session(sent)).capabilities

    def open(self, text: str, uri: str = URI) -> None:
        item = lsp.TextDocumentItem(uri, "python", 1, text)
        self.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def type(self, text: str, version: int, uri: str = URI) -> None:
        whole = lsp.TextDocumentContentChangeWholeDocument(text)
        sent = lsp.DidChangeTextDocumentParams(lsp.VersionedTextDocumentIdentifier(version, uri), [whole])
        self.text_document_did_change(sent)

    async def published(self) -> lsp.PublishDiagnosticsParams:
        return await asyncio.wait_for(self.received.get(), PATIENCE)

    async def silent(self, seconds: float = 1.5) -> bool:
        await asyncio.sleep(seconds)
        return self.received.empty()

    async def hints(self, uri: str = URI) -> dict[int, str]:
        everything = lsp.Range(lsp.Position(0, 0), lsp.Position(9999, 0))
        sent = lsp.InlayHintParams(lsp.TextDocumentIdentifier(uri), everything)
        return {hint.position.line: str(hint.label) for hint in await self.text_document_inlay_hint_async(sent) or ()}

    async def hover(self, line: int, uri: str = URI) -> str | None:
        sent = lsp.HoverParams(lsp.TextDocumentIdentifier(uri), lsp.Position(line, 1))
        found = await self.text_document_hover_async(sent)
        return None if found is None else found.contents.value  # type: ignore[union-attr]

    async def repairs(self, line: int, uri: str = URI) -> list[lsp.CodeAction]:
        place = lsp.Range(lsp.Position(line, 0), lsp.Position(line, 0))
        sent = lsp.CodeActionParams(lsp.TextDocumentIdentifier(uri), place, lsp.CodeActionContext([]))
        return list(await self.text_document_code_action_async(sent) or ())  # type: ignore[arg-type]


def publish(client: Editor, sent: lsp.PublishDiagnosticsParams) -> None:
    client.received.put_nowait(sent)


def refresh(client: Editor, sent: None) -> None:
    client.refreshed += 1


def make_editor() -> Editor:
    made = Editor(converter_factory=default_converter)
    own = {lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: publish, lsp.WORKSPACE_INLAY_HINT_REFRESH: refresh}
    register_lsp_features(made, {**DEFAULT_CLIENT_FEATURES, **own})
    return made


COMMAND = [sys.executable, "-m", "grader", "lsp", "--stdio"]


@pytest_lsp.fixture(config=ClientServerConfig(server_command=COMMAND, client_factory=make_editor))
async def editor(lsp_client: Editor) -> AsyncIterator[None]:
    yield
    if lsp_client._server is not None and lsp_client._server.returncode is None:
        await lsp_client.shutdown_session()


def row_of(name: str, text: str = WRONG) -> int:
    return next(row for row, line in enumerate(text.split("\n")) if line.startswith(f"{name} = "))


async def test_from_a_wrong_line_to_its_repair_while_one_types(editor: Editor) -> None:
    await editor.begin(isolation="process")
    editor.open(WRONG + MARKER)
    first = await editor.published()
    row = row_of("dh1_dwh")

    assert first.diagnostics[0].range.start.line == row
    assert "You squared `h1_raw`" in (await editor.hover(row) or "")
    hints = await editor.hints()
    assert (hints[row], hints[row + 1]) == ("✗ wrong", "✓ fed by dh1_dwh")

    (repair,) = await editor.repairs(row)
    assert repair.edit is not None
    assert repair.edit.document_changes is not None
    edit = repair.edit.document_changes[0].edits[0]  # type: ignore[union-attr]
    change = lsp.TextDocumentContentChangePartial(range=edit.range, text=edit.new_text)
    document = lsp.VersionedTextDocumentIdentifier(2, URI)
    editor.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [change]))

    second = await editor.published()
    assert (second.version, len(second.diagnostics)) == (2, len(first.diagnostics) - 1)
    assert (await editor.hints())[row] == "✓ right"
    assert editor.refreshed == 2


async def test_a_file_that_is_no_submission_is_left_alone(editor: Editor) -> None:
    await editor.begin(exercise="softmax")
    editor.open(WRONG)
    editor.open("# grader check no-such-exercise mine.py\n", "file:///nowhere/other.py")

    assert await editor.silent()
    assert (await editor.hints(), await editor.hover(16), editor.messages) == ({}, None, [])


async def test_a_file_that_is_no_longer_a_submission_loses_its_marks(editor: Editor) -> None:
    await editor.begin()
    editor.open(WRONG + MARKER)
    assert (await editor.published()).diagnostics
    editor.type(WRONG, 2)

    assert (await editor.published()).diagnostics == ()


async def test_the_editor_may_say_which_exercise_it_is_and_how_much_is_shown(editor: Editor) -> None:
    await editor.begin(exercise={"*.py": "tanh-chain"}, reveal="location")
    editor.open(WRONG)
    found = await editor.published()

    assert found.diagnostics
    assert "squared" not in found.diagnostics[0].message
    assert await editor.repairs(row_of("dh1_dwh")) == []


async def test_a_check_that_is_out_of_date_is_ended(editor: Editor) -> None:
    await editor.begin()
    editor.open(WRONG + MARKER)
    await editor.published()
    editor.type(WRONG.replace("dh1_dwh = ", "while True: pass\ndh1_dwh = ") + MARKER, 2)
    await asyncio.sleep(1.5)  # it runs, and would for ten seconds
    started = time.monotonic()
    editor.type(WRONG + MARKER, 3)

    assert (await editor.published()).version == 3
    assert time.monotonic() - started < 5.0


async def test_while_a_check_runs_everything_is_answered(editor: Editor) -> None:
    await editor.begin()
    editor.open(WRONG + MARKER)
    await editor.published()
    editor.type(f"while True: pass\n{WRONG}{MARKER}", 2)
    await asyncio.sleep(1.0)
    started = time.monotonic()
    hints = await editor.hints()

    assert time.monotonic() - started < 1.0
    assert hints[row_of("dh1_dwh") + 1] == "✗ wrong"  # of the last check, a line further down


@pytest.mark.parametrize("like", ["visual-studio-code", "neovim"])
async def test_columns_are_those_of_the_editor(like: str, editor: Editor) -> None:
    capabilities = await editor.begin(like)
    text = WRONG.replace("dh1_dwh = (", "é = '😀'; dh1_dwh = (") + MARKER
    editor.open(text)
    (first, *_) = (await editor.published()).diagnostics
    line = next(line for line in text.split("\n") if "dh1_dwh = (" in line)
    at = line.index("h1_raw")
    expected = at + {"utf-8": 4, "utf-16": 1, "utf-32": 0}[capabilities.position_encoding or "utf-16"]

    assert first.range.start.character == expected


async def test_a_notebook_cell_by_cell(editor: Editor) -> None:
    await editor.begin()
    code = WRONG.partition("dh1_dwh = ")
    cells, parts = cells_of("# mine", code[0], code[1] + code[2], "!python -m grader check tanh-chain mine.ipynb",
                            languages=("markdown",))  # fmt: skip
    document = lsp.NotebookDocument("file:///nowhere/mine.ipynb", "jupyter-notebook", 1, cells)
    texts = [
        lsp.TextDocumentItem(part.uri, "python" if part.is_code else "markdown", 1, part.text)
        for part in parts.values()
    ]
    editor.notebook_document_did_open(lsp.DidOpenNotebookDocumentParams(document, texts))
    found = {sent.uri: sent.diagnostics for sent in [await editor.published() for _ in range(3)]}

    assert found["cell:1"] == ()
    assert found["cell:2"][0].range.start.line == 0
    assert (await editor.hints("cell:2"))[0] == "✗ wrong"
    (repair,) = await editor.repairs(0, "cell:2")
    assert repair.edit is not None

    wrong = lsp.TextDocumentContentChangeWholeDocument((code[1] + code[2]).replace("1 - h1_raw**2", "1 - h1**2"))
    text = lsp.NotebookDocumentCellContentChanges(lsp.VersionedTextDocumentIdentifier(2, "cell:2"), [wrong])
    change = lsp.NotebookDocumentChangeEvent(cells=lsp.NotebookDocumentCellChanges(text_content=[text]))
    identifier = lsp.VersionedNotebookDocumentIdentifier(2, document.uri)
    editor.notebook_document_did_change(lsp.DidChangeNotebookDocumentParams(identifier, change))
    await asyncio.gather(*(editor.published() for _ in range(3)))

    assert (await editor.hints("cell:2"))[0] == "✓ right"


async def test_nothing_is_answered_with_a_traceback(editor: Editor, capfd: pytest.CaptureFixture[str]) -> None:
    await editor.begin(reveal="everything", exercise={"*.py": "tanh-chain"})
    editor.open("def f(:\n" * 200)
    editor.type("\ud83d \0 \u2028 ... = (\n" + WRONG, 2)
    editor.type("dh1_dwh = " + "(" * 5000, 7)
    await editor.published()
    editor.type(WRONG, 8)
    while (await editor.published()).version != 8:
        pass

    assert "`reveal` is one of location" in editor.messages[0].message
    assert len(editor.messages) == 1
    assert "Traceback" not in capfd.readouterr().err


async def test_a_signal_ends_the_server_and_what_it_runs(editor: Editor) -> None:
    await editor.begin()
    editor.open(f"while True: pass\n{WRONG}{MARKER}")
    await asyncio.sleep(2.0)
    server = editor._server
    assert server is not None
    server.send_signal(signal.SIGTERM)

    assert await asyncio.wait_for(server.wait(), PATIENCE) == 128 + signal.SIGTERM
