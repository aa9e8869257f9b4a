"""The language server: keeps what is open, has it checked at each pause, and answers from the last check.

The event loop only looks things up; the thread of `Checks` does what takes time."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any, ParamSpec, TypeVar

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from grader import __version__
from grader.editor import documents
from grader.editor.checks import Checks, CheckTask, NotRun, StoppableChildren
from grader.editor.documents import DocumentPart, OpenDocument, changed
from grader.editor.settings import EditorSettings, settings
from grader.editor.view import CheckedDocument, View
from grader.errors import EnvironmentProblem, GraderError, InternalError

IN_A_LINE = 1.0
"""Further seconds without an edit after which a text is checked that cannot be read as a whole."""

_T = TypeVar("_T")
_P = ParamSpec("_P")


@dataclass(frozen=True, slots=True)
class Outside:
    """What the command gives the server. `not_own` says why a file may be somebody else's; `report` writes a fault of
    the grader to a file, and returns a sentence about it."""

    not_own: Callable[[str], str]
    report: Callable[[BaseException], str]


def serve(outside: Outside) -> int:
    """Serve the editor at the other end of standard input and output until it ends this; return the exit status."""
    logging.getLogger().addHandler(logging.NullHandler())  # or Python writes what libraries log to standard error
    if sys.stdin.isatty():
        print("An editor starts `grader lsp` and talks to it; `grader docs editor` says how.", file=sys.stderr)
    # What anything else prints must not get into the messages, nor may it read them.
    stdin, stdout = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    editor = Editor(outside)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), editor.end_at_once)
    try:
        editor.server.start_io(stdin, stdout)
    finally:
        editor.close()
    return 0 if editor.asked_to_end else 1


class _Server(LanguageServer):
    def report_server_error(self, error: Exception, source: Any) -> None:
        """What the editor sends and nobody understands is for its log, not for the student."""
        self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Warning, f"grader: {error}"))


class Editor:
    """One editor: what is open in it, and what it has been told."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._checks = Checks(outside.not_own)
        self._worker = ThreadPoolExecutor(1)
        self._settings, self._roots = EditorSettings(), list[str]()
        self._documents: dict[str, OpenDocument] = {}
        self._views: dict[str, View] = {}
        self._published: dict[str, frozenset[str]] = {}
        self._pending: dict[str, asyncio.Task[None]] = {}
        self._running: StoppableChildren | None = None
        self._told: set[str] = set()
        self._encoding: str = lsp.PositionEncodingKind.Utf16.value
        self._capabilities = lsp.ClientCapabilities()
        self.asked_to_end = False
        notebooks = [lsp.NotebookDocumentFilterWithNotebook(lsp.NotebookDocumentFilterNotebookType("jupyter-notebook"))]
        self.server = _Server(
            "grader", __version__, notebook_document_sync=lsp.NotebookDocumentSyncOptions(notebooks, save=True)
        )
        self._register()

    def close(self) -> None:
        """End the check that is running, and all processes."""
        for task in self._pending.values():
            task.cancel()
        if self._running is not None:
            self._running.stop()
        self._worker.shutdown(cancel_futures=True)
        self._checks.__exit__()

    def end_at_once(self, number: int, _: FrameType | None) -> None:
        """For a signal: the thread that waits for messages cannot be ended otherwise."""
        self.close()
        os._exit(128 + number)

    def _register(self) -> None:
        feature = self.server.feature
        feature(lsp.INITIALIZE)(self._safely(self._initialize))
        feature(lsp.SHUTDOWN)(self._safely(self._shutdown))
        feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)(self._safely(self._configure))
        feature(lsp.TEXT_DOCUMENT_DID_OPEN)(self._safely(self._open))
        feature(lsp.TEXT_DOCUMENT_DID_CHANGE)(self._safely(self._change))
        feature(lsp.TEXT_DOCUMENT_DID_SAVE)(self._safely(lambda sent: self._save(sent.text_document.uri)))
        feature(lsp.TEXT_DOCUMENT_DID_CLOSE)(self._safely(lambda sent: self._close(sent.text_document.uri)))
        feature(lsp.NOTEBOOK_DOCUMENT_DID_OPEN)(self._safely(self._open_notebook))
        feature(lsp.NOTEBOOK_DOCUMENT_DID_CHANGE)(self._safely(self._change_notebook))
        feature(lsp.NOTEBOOK_DOCUMENT_DID_SAVE)(self._safely(lambda sent: self._save(sent.notebook_document.uri)))
        feature(lsp.NOTEBOOK_DOCUMENT_DID_CLOSE)(self._safely(lambda sent: self._close(sent.notebook_document.uri)))
        feature(lsp.TEXT_DOCUMENT_HOVER)(self._safely(self._hover))
        feature(lsp.TEXT_DOCUMENT_INLAY_HINT)(self._safely(self._hints))
        repairs = lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix])
        feature(lsp.TEXT_DOCUMENT_CODE_ACTION, repairs)(self._safely(self._actions))

    def _safely(self, handler: Callable[[Any], _T]) -> Callable[[Any], _T | None]:
        """A handler whose faults become a sentence for the student and a file for us, never a traceback."""

        def safe(sent: Any) -> _T | None:
            try:
                return handler(sent)
            except Exception as error:  # a bug of ours must not end the server
                self._fault(error)
                return None

        return safe

    # What the editor says about itself

    def _initialize(self, sent: lsp.InitializeParams) -> None:
        self._capabilities = sent.capabilities
        self._encoding = lsp.PositionEncodingKind(self.server.workspace.position_encoding or self._encoding).value
        folders = [folder.uri for folder in sent.workspace_folders or ()] or [sent.root_uri or ""]
        paths = [to_fs_path(uri) for uri in folders]
        self._roots = [path for path in paths if path]
        self._set(sent.initialization_options)

    def _shutdown(self, _: object) -> None:
        self.asked_to_end = True

    def _configure(self, sent: lsp.DidChangeConfigurationParams) -> None:
        if sent.settings:
            self._set(sent.settings)
            for uri in self._documents:
                self._check_after(uri, 0)

    def _set(self, told: object) -> None:
        self._settings, wrong = settings(told)
        for sentence in wrong:
            self._tell(lsp.MessageType.Warning, f"grader: {sentence}")

    # What is open

    def _open(self, sent: lsp.DidOpenTextDocumentParams) -> None:
        one = sent.text_document
        self._put(documents.file(one.uri, one.text, one.version), 0)

    def _change(self, sent: lsp.DidChangeTextDocumentParams) -> None:
        uri = sent.text_document.uri
        document = self._documents.get(uri)
        if document is not None:
            text = changed(document.parts[0].text, sent.content_changes, self._encoding)
            self._put(document.with_text(uri, text, sent.text_document.version), self._settings.delay)

    def _save(self, uri: str) -> None:
        document, view = self._documents.get(uri), self._views.get(uri)
        if document is not None:
            # What has been checked as it was typed need not be checked again.
            if view is not None and view.checked.document.parts == document.parts:
                self._documents[uri] = replace(document, is_saved=True)
            else:
                self._put(replace(document, is_saved=True), 0)

    def _close(self, uri: str) -> None:
        self._documents.pop(uri, None)
        if (task := self._pending.pop(uri, None)) is not None:
            task.cancel()
        self._forget(uri)

    def _open_notebook(self, sent: lsp.DidOpenNotebookDocumentParams) -> None:
        one = sent.notebook_document
        self._put(documents.notebook(one.uri, one.cells, _texts(sent.cell_text_documents)), 0)

    def _change_notebook(self, sent: lsp.DidChangeNotebookDocumentParams) -> None:
        uri, change = sent.notebook_document.uri, sent.change.cells
        document = self._documents.get(uri)
        if document is None or change is None:
            return
        if (structure := change.structure) is not None:
            document = document.with_cells(
                structure.array.start,
                structure.array.delete_count,
                structure.array.cells or (),
                _texts(structure.did_open or ()),
            )
        for one in change.text_content or ():
            part = document.at(one.document.uri)
            if part is not None:
                text = changed(part.text, one.changes, self._encoding)
                document = document.with_text(part.uri, text, one.document.version)
        if document != self._documents[uri]:
            self._put(document, self._settings.delay)

    def _put(self, document: OpenDocument, delay: float) -> None:
        self._documents[document.uri] = document
        self._check_after(document.uri, delay)

    # Checks

    def _check_after(self, uri: str, delay: float) -> None:
        """Check a document after so many seconds; an earlier check of it is given up."""
        if (task := self._pending.get(uri)) is not None:
            task.cancel()
        self._pending[uri] = asyncio.get_running_loop().create_task(self._checked_after(uri, delay))

    async def _checked_after(self, uri: str, delay: float) -> None:
        try:
            await asyncio.sleep(delay)
            task = await self._in_worker(self._checks.task, self._documents[uri], self._settings, self._roots)
            if task is None:
                self._forget(uri)
                return
            if delay and not task.is_whole:
                await asyncio.sleep(IN_A_LINE)
            view = await self._view(task)
            self._views[uri] = view
            self._publish(view)
            await self._in_worker(self._checks.prepare)
        except NotRun as reason:
            if str(reason):
                self._tell(lsp.MessageType.Warning, f"grader: {reason}")
        except GraderError as error:
            self._refused(error)
        except Exception as error:  # a bug of ours must not end the server
            self._fault(error)

    async def _view(self, task: CheckTask) -> View:
        """What a check says. Ends the check when this is cancelled."""
        chosen = self._settings
        self._running = children = await self._in_worker(self._checks.children, chosen)
        encoding = self._encoding

        def made() -> View:
            return View.of(CheckedDocument(task.document, self._checks.check(task, chosen, children), encoding))

        try:
            return await self._in_worker(made)
        except asyncio.CancelledError:
            children.stop()
            raise

    async def _in_worker(self, act: Callable[_P, _T], *given: _P.args, **named: _P.kwargs) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._worker, lambda: act(*given, **named))

    def _publish(self, view: View) -> None:
        document = view.checked.document
        for part in document.parts:
            found = view.diagnostics.get(part.uri, [])
            if part.is_code:
                self._underline(part.uri, found, part.version)
        addresses = frozenset(part.uri for part in document.parts)
        for gone in self._published.get(document.uri, frozenset()) - addresses:
            self._underline(gone, [], None)
        self._published[document.uri] = addresses
        self._refresh_hints()

    def _underline(self, uri: str, found: Sequence[lsp.Diagnostic], version: int | None) -> None:
        self.server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, found, version))

    def _forget(self, uri: str) -> None:
        """A document is no submission, or no longer open: take back what was said about it, if anything was."""
        if self._views.pop(uri, None) is not None:
            for part in self._published.pop(uri, frozenset()):
                self._underline(part, [], None)
            self._refresh_hints()

    def _refresh_hints(self) -> None:
        workspace = self._capabilities.workspace
        if workspace is not None and workspace.inlay_hint is not None and workspace.inlay_hint.refresh_support:
            self.server.workspace_inlay_hint_refresh(None)

    # Answers

    def _hover(self, sent: lsp.HoverParams) -> lsp.Hover | None:
        view, part = self._at(sent.text_document.uri)
        told = self._capabilities.text_document
        kinds = told.hover.content_format if told is not None and told.hover is not None else None
        kind = lsp.MarkupKind.PlainText
        if kinds and lsp.MarkupKind.Markdown in kinds:
            kind = lsp.MarkupKind.Markdown
        return None if view is None or part is None else view.hover_at(part, sent.position, kind)

    def _hints(self, sent: lsp.InlayHintParams) -> list[lsp.InlayHint]:
        view, part = self._at(sent.text_document.uri)
        return [] if view is None or part is None else view.hints_in(part, sent.range)

    def _actions(self, sent: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        view, part = self._at(sent.text_document.uri)
        workspace = self._capabilities.workspace
        edits = None if workspace is None else workspace.workspace_edit
        versioned = edits is not None and bool(edits.document_changes)
        return [] if view is None or part is None else view.actions_in(part, sent.range, sent.context, versioned)

    def _at(self, uri: str) -> tuple[View | None, DocumentPart | None]:
        """What was said about the document of a text, and the text as it is now."""
        for document in self._documents.values():
            if (part := document.at(uri)) is not None:
                return self._views.get(document.uri), part
        return None, None

    # What has gone wrong

    def _refused(self, error: GraderError) -> None:
        """An exercise that is not there or faulty is for the log: the file may be no submission at all."""
        if isinstance(error, InternalError):
            self._fault(error)
        elif isinstance(error, EnvironmentProblem):
            self._tell(lsp.MessageType.Warning, f"grader: {error}")
        else:
            self._once(f"grader: {error}", self._log)

    def _fault(self, error: BaseException) -> None:
        self._once(repr(error), lambda _: self._tell(lsp.MessageType.Error, self._outside.report(error)))

    def _log(self, sentence: str) -> None:
        self.server.window_log_message(lsp.LogMessageParams(lsp.MessageType.Info, sentence))

    def _tell(self, kind: lsp.MessageType, sentence: str) -> None:
        """Show a sentence to the student, once."""
        self._once(sentence, lambda told: self.server.window_show_message(lsp.ShowMessageParams(kind, told)))

    def _once(self, known: str, act: Callable[[str], None]) -> None:
        if known not in self._told:
            self._told.add(known)
            act(known)


def _texts(sent: Sequence[lsp.TextDocumentItem]) -> dict[str, DocumentPart]:
    """The texts of cells by address. Only Python is code: a notebook may have cells in other languages."""
    return {one.uri: DocumentPart(one.uri, one.text, one.version, is_code=one.language_id == "python") for one in sent}
