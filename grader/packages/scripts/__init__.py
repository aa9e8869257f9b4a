"""The programs and pages that packages carry as they are.

Programs in Python end in `.py.txt`: they are run elsewhere, beside libraries that are not installed here, and are no
modules of the grader."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def script(name: str) -> bytes:
    """The content of a file of this folder."""
    return (_HERE / name).read_bytes()


def filled(name: str, /, **values: str) -> bytes:
    """The same with each `@name@` replaced by its value."""
    text = script(name).decode()
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text.encode()
