"""Companion files of a submission that it uses: helper modules it imports, data files it names.

A folder with several files that answer the exercise belongs to a class, not to one student, so none of its files are
used. Links are not followed, and files beyond the limits are ignored.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from itertools import islice

from grader.model import CompanionFile, Submission

LARGEST = 16 * 1024 * 1024
"""Maximum bytes of one file; all files together may have twice as many."""

MOST = 200
"""Maximum number of companion files."""

_LISTED = 2000
"""Maximum number of files searched per folder."""

_DEEP = 3
_SCRIPTS = ("py", "ipynb")
_CLASS = 2
"""Number of other answers from which a folder is taken to belong to a class."""


def picked(text: str, paths: Collection[str], read: Callable[[str], str]) -> tuple[str, ...]:
    """The `paths`, relative to the submission's folder, that a submission with this text uses, directly or by a helper
    that it imports. `read` returns the text of a helper."""
    found: dict[str, None] = {}
    texts = [text]
    while texts and len(found) < MOST:
        text = texts.pop()
        imported = modules_in(text)
        for path in paths:
            if path not in found and _is_asked_for(path, text, imported) and is_plain(path):
                found[path] = None
                if path.endswith(".py"):
                    texts.append(read(path))
    return tuple(found)[:MOST]


def is_plain(path: str) -> bool:
    """Whether a relative path stays below its folder."""
    parts = path.split("/")
    return (
        len(path) <= 200
        and "\0" not in path
        and not any(part in ("", ".", "..") or "\\" in part or ":" in part for part in parts)
    )


def _is_asked_for(path: str, text: str, imported: Collection[str]) -> bool:
    if path.endswith(".py") and path.partition("/")[0].removesuffix(".py") in imported:
        return True
    name = path.rpartition("/")[2]
    if name in text:
        return True
    ending = name.rpartition(".")[2]
    return ending not in _SCRIPTS and ending != name and f".{ending}" in text


_IMPORT = re.compile(r"(?:^|;)[ \t]*(?:from[ \t]+\.?([^\W\d]\w*)|import[ \t]+([\w., \t]+))")


def modules_in(text: str) -> frozenset[str]:
    """The modules imported in a text, or their top-level packages."""
    found = set()
    for match in (match for line in text.split("\n") if "import" in line for match in _IMPORT.finditer(line)):
        one, several = match.groups()
        found |= {one} if one else {part.split()[0].partition(".")[0] for part in several.split(",") if part.strip()}
    return frozenset(found)


def with_files(submission: Submission, names: Collection[str]) -> Submission:
    """Add to a submission the files of its folder that belong to it; `names` are those the exercise asks for."""
    if submission.beside is not None or submission.directory is None:
        return submission
    home = submission.directory
    paths = dict.fromkeys(_listed(home, submission.file))
    asked = picked(text_of(submission), paths, lambda path: text_of_file(os.path.join(home, path)))
    if asked and _is_a_class(home, paths, names):
        asked = ()
    return replace(submission, beside=tuple(_within([CompanionFile(path, os.path.join(home, path)) for path in asked])))


def text_of(submission: Submission) -> str:
    return "\n".join(cell.text for cell in submission.cells)


def helpers_of(submission: Submission) -> list[str]:
    """The texts of the helper modules among the companion files."""
    return [text_of_file(one.path) for one in submission.beside or () if one.name.endswith(".py")]


def followed(submission: Submission) -> tuple[str, ...]:
    """The companion files, and where the modules that the submission and its helpers import would be companion files,
    if they were there."""
    home = submission.directory or ""
    modules = {name for text in (text_of(submission), *helpers_of(submission)) for name in modules_in(text)}
    own = (one.path for one in submission.beside or ())
    return tuple(dict.fromkeys((*own, *(os.path.join(home, f"{name}.py") for name in sorted(modules)))))


def _within(asked: Iterable[CompanionFile]) -> Iterator[CompanionFile]:
    left = 2 * LARGEST
    for one in asked:
        size = os.path.getsize(one.path)
        if size <= min(LARGEST, left):
            left -= size
            yield one


def _is_a_class(home: str, paths: Collection[str], names: Collection[str]) -> bool:
    """Whether several other files in the same folder answer the exercise."""
    others = (path for path in paths if path.rpartition(".")[2] in _SCRIPTS and "/" not in path)
    found = 0
    for path in others:
        words = set(re.findall(r"\w+", text_of_file(os.path.join(home, path)).lower()))
        found += 2 * len(words.intersection(names)) >= len(names)
        if found >= _CLASS:
            return True
    return False


def _listed(home: str, own: str, above: str = "", deep: int = 1) -> Iterator[str]:
    """Regular files below a folder, without the submission itself and hidden files."""
    try:
        with os.scandir(os.path.join(home, above)) as entries:
            found = sorted(islice(entries, _LISTED), key=lambda one: one.name)
    except OSError:
        return
    for entry in found:
        path = f"{above}{entry.name}"
        if entry.name.startswith((".", "__pycache__")) or path == own or entry.is_symlink():
            continue
        if entry.is_dir(follow_symlinks=False) and deep < _DEEP:
            yield from _listed(home, own, f"{path}/", deep + 1)
        elif entry.is_file(follow_symlinks=False):
            yield path


def text_of_file(path: str) -> str:
    """The first 256 KiB of a file as text; "" if it cannot be read."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            return (
                file.read(256 * 1024).decode("utf-8", "replace")
                if stat.S_ISREG(os.fstat(file.fileno()).st_mode)
                else ""
            )
    except OSError:
        return ""
