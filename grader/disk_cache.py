"""A cache on disk, kept between runs to save time, that reads only files this user has written.

A file is named by a digest of everything its content depends on. It is accepted only if it is a regular file that
belongs to this user, is writable by nobody else, repeats its own name inside and matches its checksum. Any other file
counts as missing. The content is data, JSON or numbers: reading it cannot execute code.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import tempfile
from functools import cache
from pathlib import Path

PLACE = "GRADER_CACHE"
"""Environment variable that names the cache folder; set but empty: nothing is cached."""

LARGEST = 256 * 1024 * 1024


def path_of(kind: str, *parts: str) -> Path | None:
    """Path of the cache file of this kind that depends on `parts` and on the Python version; None if caching is off."""
    chosen = os.environ.get(PLACE)
    if chosen == "":
        return None
    if chosen is None:
        from platformdirs import user_cache_dir

        chosen = user_cache_dir("grader", appauthor=False)
    name = hashlib.sha256("\0".join((*parts, sys.version)).encode("utf-8", "surrogatepass")).hexdigest()
    return Path(chosen) / kind / f"{name}.json"


@cache
def code_digest(*packages: str) -> str:
    """Digest of the source code of these packages and modules of the grader: changed code may produce other content."""
    digest = hashlib.sha256()
    for file in code_files(*packages):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def code_files(*packages: str) -> list[Path]:
    """The files of these packages, with all packages in them, and of these modules of the grader."""
    root = Path(__file__).parent
    return [file for package in packages for file in sorted((root / package).rglob("*.py")) or [root / f"{package}.py"]]


def read(path: Path | None) -> bytes | None:
    """The content of a cache file that passes the checks of this module; None otherwise."""
    if path is None:
        return None
    try:
        head, body = _ours(path).split(b"\n", 1)
    except (OSError, ValueError):
        return None
    return body if head == _head(path, body) else None


def write(path: Path | None, body: bytes) -> None:
    """Cache `body`. A failure to write (a full disk, a read-only home) is ignored: it only costs time later."""
    if path is None:
        return
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_head(path, body) + b"\n" + body)
            os.replace(temporary, path)
        except OSError:
            os.unlink(temporary)
            raise


def _head(path: Path, body: bytes) -> bytes:
    return f"{path.stem} {hashlib.sha256(body).hexdigest()}".encode()


def _ours(path: Path) -> bytes:
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > LARGEST:
            raise ValueError("no file of ours")
        if hasattr(os, "getuid") and (facts.st_uid != os.getuid() or facts.st_mode & 0o022):
            raise ValueError("somebody else's file")
        return file.read()
