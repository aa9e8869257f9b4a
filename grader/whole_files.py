"""Files that are written whole: beside their place, and then renamed.

A reader finds the old content or the new, never a part of it, whatever ends the writing: a full disk, a signal, a
fault."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from typing import IO

from grader.errors import UsageError

_LONGEST = 60
"""How much of a file's name the name of its unfinished copy keeps, in characters."""


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A stream whose content becomes that of the file `path` when the block ends without an exception.

    Links are followed, and permissions kept. What is no regular file, such as a pipe, is written directly. Raises
    `UsageError` if it cannot be written; what was there before is then unchanged."""
    with _refusing(path):
        place = os.path.realpath(path)
        mode = _mode(place)
        if mode is not None and not stat.S_ISREG(mode):
            with open(place, "wb") as stream:
                yield stream
            return
        with _unfinished(place) as (part, stream):
            yield stream
            stream.close()
            if mode is not None:
                with contextlib.suppress(OSError):
                    os.chmod(part, stat.S_IMODE(mode))
            os.replace(part, place)


def write_whole(path: str | os.PathLike[str], content: bytes | Iterable[bytes]) -> None:
    """Replace the content of a file, or create it. Raises `UsageError`."""
    with replacing(path) as stream:
        for part in (content,) if isinstance(content, bytes) else content:
            stream.write(part)


def create_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Create a file. Raises `UsageError` if there is one already, which is left as it is, or if it cannot be made."""
    with _refusing(path), _unfinished(os.path.abspath(path)) as (part, stream):
        stream.write(content)
        stream.close()
        try:
            os.link(part, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if os.path.lexists(path):
                raise FileExistsError from None
            os.replace(part, path)


@contextlib.contextmanager
def _unfinished(place: str) -> Iterator[tuple[str, IO[bytes]]]:
    """A new file in the same folder, with the permissions that new files get; removed unless it was renamed."""
    folder, name = os.path.split(place)
    part = os.path.join(folder, f".{name[:_LONGEST]}.{os.urandom(4).hex()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    with os.fdopen(os.open(part, flags, 0o666), "wb") as stream:
        try:
            yield part, stream
        finally:
            with contextlib.suppress(OSError):
                stream.close()  # before it is removed: Windows removes no open file
            with contextlib.suppress(OSError):
                os.unlink(part)


def _mode(place: str) -> int | None:
    try:
        return os.stat(place).st_mode
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def _refusing(path: str | os.PathLike[str]) -> Iterator[None]:
    shown = repr(os.fspath(path))
    if "\0" in shown.replace("\\x00", "\0"):
        raise UsageError(f"{shown} cannot be the name of a file.")
    try:
        yield
    except FileExistsError:
        raise UsageError(f"There is a file {shown} already; it was left as it is.") from None
    except OSError as error:
        raise UsageError(f"The file {shown} cannot be written: {error.strerror or error}.") from error
