"""Choose the best of several files that one student handed in. In this order:

1. A file that another one imports is part of that one, unless it is the derivation and the other only runs it.
2. A file counts if it has most of the exercise's names in it, those of the modules it imports included.
3. A file whose name or folder says that it is old, a draft, a copy, a backup or a solution loses.
4. The newest counts, if the times are known and differ.
5. Of files attached to one submission the last counts, then the last by its name: `hw.py`, `hw-2.py`, `hw-10.py`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from grader.batch.entries import Entry, Ignored
from grader.submission.companion_files import modules_in

_ENOUGH = 2 / 3
"""The share of the most names in any file from which a file is an answer too: a later version may name some steps
otherwise."""

_SAME_TIME = timedelta(minutes=1)
"""Times closer than this are those of one upload or of unpacking, not of the work."""

_LOSING = frozenset({
    "old", "older", "oldest", "previous", "outdated", "deprecated", "draft", "drafts", "wip", "unfinished", "copy",
    "copied", "backup", "bak", "solution", "solutions", "template", "starter", "original", "kopie", "entwurf",
    "checkpoint", "copia", "copie", "brouillon", "borrador",
})  # fmt: skip
_AGAIN = re.compile(r"(?:-\d+| ?\(\d+\))(\.\w+)$")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


File = tuple[Entry, bytes]
"""A file and its content."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A file that may be graded. `names` are the exercise's names in it and in the candidates it imports; `part_of` is
    the candidate that imports it."""

    entry: Entry
    content: bytes
    names: frozenset[str]
    part_of: str | None


def best_of(
    files: Sequence[tuple[Entry, bytes]], names: frozenset[str]
) -> tuple[tuple[Entry, bytes], tuple[Ignored, ...]]:
    """The file to grade, and why each other one (of at least one) is not graded. `names` are those of the exercise."""
    if len(files) == 1:
        return files[0], ()
    left = _candidates(files, names)
    passed: list[Ignored] = []
    for criterion in (_whole, _named, _current, _newest, _last):
        stay, reason = criterion(left)
        passed += [Ignored(one.entry.path, reason(one)) for one in left if one not in stay]
        left = stay
    best = left[0]
    shown = tuple(Ignored(one.path, one.reason.format(best=best.entry.path)) for one in passed)
    return (best.entry, best.content), shown


_Kept = tuple[list[_Candidate], Callable[[_Candidate], str]]
"""The candidates that stay, and the reason for each that does not; `{best}` stands for the chosen file."""


def _whole(left: list[_Candidate]) -> _Kept:
    stay = [one for one in left if one.part_of is None]
    return stay or left, lambda one: f"`{_shown(one.part_of or '')}` imports it"


def _named(left: list[_Candidate]) -> _Kept:
    most = max(len(one.names) for one in left)
    stay = [one for one in left if len(one.names) >= _ENOUGH * most]
    return stay, lambda one: "`{best}` has more of the exercise's names in it"


def _current(left: list[_Candidate]) -> _Kept:
    stay = [one for one in left if losing_word(one.entry.path) is None]
    return stay or left, lambda one: f"its name says `{losing_word(one.entry.path)}`"


def _newest(left: list[_Candidate]) -> _Kept:
    times = [one.entry.modified for one in left]
    known = [at for at in times if at is not None]
    if len(known) < len(times):
        return left, lambda one: ""
    newest = max(known)
    stay = [one for one, at in zip(left, known, strict=True) if newest - at <= _SAME_TIME]
    return stay, lambda one: "`{best}` is newer"


def _last(left: list[_Candidate]) -> _Kept:
    last = max(left, key=lambda one: (one.entry.attached, _order(one.entry.path)))

    def reason(one: _Candidate) -> str:
        return "`{best}` was attached after it" if one.entry.attached else "`{best}` comes after it by its name"

    return [last], reason


def as_named(path: str) -> str:
    """A path as the student named the file: handed in once more, it is called `helper-1.py` by Canvas, and
    `helper (1).py` by a browser."""
    return _AGAIN.sub(r"\1", path)


def losing_word(path: str) -> str | None:
    """The word in a path that says that the file is not the one meant; None if there is none."""
    words = (word.lower() for word in _WORD.findall(path.rpartition(".")[0]))
    return next((word for word in words if word in _LOSING), None)


def _candidates(files: Sequence[File], names: frozenset[str]) -> list[_Candidate]:
    texts = {entry.path: content.decode("utf-8", "replace") for entry, content in files}
    own = {path: names & set(re.findall(r"\w+", text.lower())) for path, text in texts.items()}
    parts = {
        path: [part for part in _imports(path, text, texts) if not _stands_alone(texts[part], own[part], own[path])]
        for path, text in texts.items()
    }
    importers = {part: path for path, several in parts.items() for part in several if path not in parts[part]}
    return [
        _Candidate(entry, content, own[entry.path].union(*(own[part] for part in parts[entry.path])),
                   importers.get(entry.path))
        for entry, content in files
    ]  # fmt: skip


def _stands_alone(module: str, own: frozenset[str], importers: frozenset[str]) -> bool:
    """Whether a module is the derivation itself, which the file that imports it only runs or prints: it binds most of
    the exercise's names outside of functions, and the other file has few of them."""
    if len(importers) >= _ENOUGH * len(own):
        return False
    try:
        body = ast.parse(module).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    bound = {
        node.id.lower()
        for statement in body
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return len(own & bound) >= _ENOUGH * len(own)


def _imports(path: str, text: str, texts: dict[str, str]) -> frozenset[str]:
    """The paths of the other scripts in the same folder that a file imports, directly or by one of them."""
    home = path[: path.rfind("/") + 1]
    parts = {as_named(other): other for other in texts} | {other: other for other in texts}
    found: set[str] = set()
    waiting = [text]
    while waiting:
        # In a notebook's JSON a line of code starts with a quote and ends with an escaped line end.
        code = re.sub(r'^\s*"|\\n"?,?$', "", waiting.pop(), flags=re.M)
        for name in modules_in(code):
            part = parts.get(f"{home}{name}.py", path)
            if part != path and part not in found:
                found.add(part)
                waiting.append(texts[part])
    return frozenset(found)


def _shown(path: str) -> str:
    return path.replace("{", "{{").replace("}", "}}")


def _order(path: str) -> tuple[tuple[int, str], ...]:
    """Sort key of a path: numbers by value, ending last."""
    stem, _, ending = path.rpartition(".")
    parts = re.split(r"(\d+)", stem)
    return (*((int(part), "") if part.isdecimal() else (-1, part) for part in parts), (-2, ending))
