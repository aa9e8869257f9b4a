"""How strangers' code is kept apart in a batch: never less than asked for, and never silently little."""

from __future__ import annotations

from grader.errors import UsageError


def isolation_for(wanted: str | None, trusted: bool) -> str:
    """The isolation to run in."""
    if wanted == "process" and not trusted:
        raise UsageError(
            "As `process` every submission can read and change whatever you can, classmates' files and this batch's "
            "results included; if you wrote all of them yourself, say so with --i-trust-these-files."
        )
    return wanted or "process"
