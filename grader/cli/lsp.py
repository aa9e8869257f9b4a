"""`grader lsp`: start the language server, if what it needs is installed."""

from __future__ import annotations

from grader.errors import UsageError


def serve_editor() -> int:
    """Serve an editor on standard input and output. Raises `UsageError` where the extra is not installed."""
    try:
        from grader.editor.server import Outside, serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise UsageError("`grader lsp` needs pygls: `pip install 'grader[editor]'` installs it.") from None
    from grader.cli.crash import sentence
    from grader.cli.origin import not_own

    return serve(Outside(not_own, lambda error: sentence(error, ["lsp"])))
