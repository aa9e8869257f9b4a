"""Choose which of a student's files is graded. The rules, which the preview also states:

1. Of several attempts the last counts, or the first if the instructor says so.
2. Of several files those count that match `--file`; without it, scripts and notebooks, also inside archives and in one
   archive within an archive. Markdown with Python code counts if there is no script or notebook.
3. Of those, the best one, in this order:
   a file that another one imports is part of that one, unless it is the derivation and the other only runs it;
   a file counts if it has most of the exercise's names in it, those of the modules it imports included;
   a file whose name or folder says that it is old, a draft, a copy, a backup or a solution loses;
   the newest counts, if the times are known and differ;
   of files attached to one submission the last counts, then the last by its name: `hw.py`, `hw-2.py`, `hw-10.py`.
"""

from __future__ import annotations

import ast
import fnmatch
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from grader.batch.archive import foreign_archive, is_archive, open_inner
from grader.batch.entries import (
    MAX_NESTED_ARCHIVES,
    MAX_NESTING,
    DownloadedAttempt,
    DownloadEntry,
    DownloadRefused,
    Ignored,
    litter,
)
from grader.batch.platforms.plain import ENDINGS, holds_python, is_notice
from grader.errors import SubmissionError
from grader.submission.companion_files import LARGEST, modules_in, picked, text_of
from grader.submission.load import load_bytes
from grader.submission.syntax import FENCED, foreign_ending
from grader.syntax_trees import tree_of

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


File = tuple[DownloadEntry, bytes]
"""A file and its content."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A file that may be graded. `names` are the exercise's names in it and in the candidates it imports; `part_of` is
    the candidate that imports it."""

    entry: DownloadEntry
    content: bytes
    names: frozenset[str]
    part_of: str | None


def best_of(
    files: Sequence[tuple[DownloadEntry, bytes]], names: frozenset[str]
) -> tuple[tuple[DownloadEntry, bytes], tuple[Ignored, ...]]:
    """The file to grade, and why each other one (of at least one) is not graded. `names` are those of the exercise."""
    if len(files) == 1:
        return files[0], ()
    left = _derivations(files, names)
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
    """A word in a path, such as `old`, that speaks against grading this file; None if there is none."""
    words = (word.lower() for word in _WORD.findall(path.rpartition(".")[0]))
    return next((word for word in words if word in _LOSING), None)


def _derivations(files: Sequence[File], names: frozenset[str]) -> list[_Candidate]:
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


Which = Literal["last", "first"]
Times = Literal["platform", "file"]


@dataclass(frozen=True, slots=True)
class ChoiceRule:
    """The rule of choice. `names` are the names of the exercise's steps; `pattern` is like `hw1*.ipynb`. With `times`
    of "file", the time of the last change of the file stands for that of a submission without a time."""

    names: frozenset[str]
    which: Which = "last"
    pattern: str | None = None
    times: Times = "platform"


ANY = ChoiceRule(frozenset())
"""Choose the last attempt, whatever the name of its file."""


@dataclass(frozen=True, slots=True)
class ChosenFile:
    """What is graded of one student: `file` and its `content`, or the `reason` why there is nothing to grade. `number`
    says which of the `attempts` was chosen; `ignored` lists the files left out."""

    attempt: DownloadedAttempt
    number: int
    attempts: int
    file: str
    content: bytes
    reason: str | None = None
    ignored: tuple[Ignored, ...] = ()
    beside: tuple[tuple[str, bytes], ...] = ()
    """Companion files of the attempt that the graded file uses, as pairs of relative name and content."""
    passed: tuple[Ignored, ...] = ()
    """The files that could have been graded instead, and why they are not."""


def choose(attempts: Sequence[DownloadedAttempt], rule: ChoiceRule) -> Iterator[ChosenFile]:
    """Yield one choice per student, in order of first appearance. Files are read lazily."""
    by_student: dict[str, list[DownloadedAttempt]] = {}
    for attempt in attempts:
        by_student.setdefault(attempt.student, []).append(attempt)
    for made in by_student.values():
        made = _merged(made)
        number = len(made) if rule.which == "last" else 1
        yield _of_attempt(made[number - 1], number, len(made), rule)


def _merged(attempts: list[DownloadedAttempt]) -> list[DownloadedAttempt]:
    """Sort the attempts by time if all times are known; otherwise keep their order."""
    times = [attempt.submitted for attempt in attempts]
    if all(time is not None for time in times):
        known = [(time.timestamp(), number) for number, time in enumerate(times) if time is not None]
        return [attempts[number] for _, number in sorted(known)]
    return attempts


def _of_attempt(attempt: DownloadedAttempt, number: int, attempts: int, rule: ChoiceRule) -> ChosenFile:
    candidates, ignored = _scripts_first(*_candidates(attempt.entries, rule))
    read: list[tuple[DownloadEntry, bytes]] = []
    for entry in candidates:
        try:
            read.append((entry, entry.read()))
        except DownloadRefused as refused:
            ignored.append(Ignored(entry.path, str(refused)))
    if not read:
        return ChosenFile(attempt, number, attempts, "", b"", _nothing(attempt, ignored, rule), tuple(ignored))
    (entry, content), passed = best_of(read, rule.names)
    beside = with_it(attempt.entries, entry.path, content)
    home = entry.path[: entry.path.rfind("/") + 1]
    taken = {f"{home}{name}" for name, _ in beside}
    passed = tuple(one for one in passed if one.path not in taken)
    ignored = [one for one in (*ignored, *passed) if one.path not in taken]
    if rule.times == "file" and attempt.submitted is None:
        attempt = replace(attempt, submitted=entry.modified)
    return ChosenFile(attempt, number, attempts, entry.path, content, None, tuple(ignored), beside, passed)


def with_it(entries: Sequence[DownloadEntry], path: str, content: bytes) -> tuple[tuple[str, bytes], ...]:
    """The companion files that the graded file uses, from its own folder or below."""
    home = path[: path.rfind("/") + 1]
    others = [entry for entry in _unpacked(entries, path) if entry.path != path and entry.path.startswith(home)]
    near = {entry.path[len(home) :]: entry for entry in others}
    for name, entry in list(near.items()):
        near.setdefault(as_named(name), entry)
    if not near:
        return ()
    try:
        text = text_of(load_bytes(content, path[len(home) :]))
    except SubmissionError:
        return ()
    found: list[tuple[str, bytes]] = []
    left = 2 * LARGEST
    for name in picked(text, near, lambda helper: _content(near[helper]).decode("utf-8", "replace")):
        data = _content(near[name])
        left -= len(data)
        if data and left >= 0:
            found.append((name, data))
    return tuple(found)


def _unpacked(entries: Sequence[DownloadEntry], path: str) -> Iterator[DownloadEntry]:
    """The files next to the chosen one: those of the same archive, if it came from an archive."""
    for entry in entries:
        if not is_archive(entry.name):
            yield entry
        elif path.startswith(f"{entry.path}/"):
            yield from _unpacked([one.at(f"{entry.path}/{one.path}") for one in open_inner(entry).entries], path)


def _content(entry: DownloadEntry) -> bytes:
    """The content of a file; empty if it is too large or unreadable."""
    try:
        return entry.read(LARGEST)
    except DownloadRefused:
        return b""


def _scripts_first(found: list[DownloadEntry], ignored: list[Ignored]) -> tuple[list[DownloadEntry], list[Ignored]]:
    """Remove Markdown texts if there is also a script or a notebook."""
    texts = [entry for entry in found if entry.name.lower().endswith(FENCED)]
    if len(texts) == len(found):
        return found, ignored
    reason = "there is a script or a notebook beside it"
    scripts = [entry for entry in found if not entry.name.lower().endswith(FENCED)]
    return scripts, [*ignored, *(Ignored(entry.path, reason) for entry in texts)]


def _nothing(attempt: DownloadedAttempt, ignored: list[Ignored], rule: ChoiceRule) -> str:
    # What cannot be read is what the student meant; notes and what the system put there are not.
    meant = [one for one in ignored if litter(one.path) is None]
    unread = [one for one in meant if _could_be_read(one.path, rule)]
    ignored = unread or [one for one in meant if not is_notice(one.path.rpartition("/")[2])] or meant
    if unread or len(ignored) == 1:
        return f"`{ignored[0].path}`: {ignored[0].reason}"
    if not attempt.entries:
        return "nothing was handed in as a file"
    wanted = f"named like `{rule.pattern}`" if rule.pattern else "a script (.py) or a notebook (.ipynb)"
    return f"of {len(ignored)} files none is {wanted}" if ignored else f"there is no file that is {wanted}"


def _could_be_read(path: str, rule: ChoiceRule) -> bool:
    """Whether a file, by its name, is one that would be read, or a folder of such files."""
    if is_archive(path) or foreign_archive(path) or path.endswith("/*"):
        return True
    return path.lower().endswith(ENDINGS) and (rule.pattern is None or _matches(path, rule.pattern))


def _candidates(entries: Sequence[DownloadEntry], rule: ChoiceRule) -> tuple[list[DownloadEntry], list[Ignored]]:
    files, ignored = unpacked(entries)
    found, left = _sifted(files, rule)
    return found, [*ignored, *left]


def unpacked(entries: Sequence[DownloadEntry]) -> tuple[list[DownloadEntry], list[Ignored]]:
    """All files of an attempt, also those in archives, and what of the archives cannot be read."""
    files: list[DownloadEntry] = []
    ignored: list[Ignored] = []
    nested = MAX_NESTED_ARCHIVES
    waiting = [(entry, 2) for entry in reversed(entries)]
    while waiting:
        entry, depth = waiting.pop()
        if not is_archive(entry.name):
            files.append(entry)
            continue
        nested -= depth > 2
        try:
            inner = open_inner(entry, depth if nested >= 0 else MAX_NESTING + 1)
        except DownloadRefused as refused:
            ignored.append(Ignored(entry.path, str(refused)))
            continue
        ignored += [Ignored(f"{entry.path}/{one.path}", one.reason) for one in inner.ignored]
        waiting += [(one.at(f"{entry.path}/{one.path}"), depth + 1) for one in reversed(inner.entries)]
    return files, ignored


def _sifted(entries: Sequence[DownloadEntry], rule: ChoiceRule) -> tuple[list[DownloadEntry], list[Ignored]]:
    found: list[DownloadEntry] = []
    ignored: list[Ignored] = []
    for entry in entries:
        if entry.refused:
            ignored.append(Ignored(entry.path, entry.refused))
        elif foreign_archive(entry.name):
            ignored.append(Ignored(entry.path, "it is an archive that cannot be read here; a .zip or .tar.gz can"))
        elif not entry.name.lower().endswith((*ENDINGS, *FENCED)):
            language = foreign_ending(entry.name)
            what = "neither a script nor a notebook" if language is None else f"{language}, not Python"
            python = language is None and _is_script_by_content(entry)
            said = "it holds Python: rename it, so that its name ends in .py" if python else f"it is {what}"
            ignored.append(Ignored(entry.path, said))
        elif rule.pattern is not None and not _matches(entry.path, rule.pattern):
            ignored.append(Ignored(entry.path, f"its name does not match `{rule.pattern}`"))
        elif entry.name.lower().endswith(FENCED) and rule.pattern is None and is_notice(entry.name):
            ignored.append(Ignored(entry.path, "it is neither a script nor a notebook"))
        elif entry.name.lower().endswith(FENCED) and not holds_python(entry):
            ignored.append(Ignored(entry.path, "it has no Python code"))
        else:
            found.append(entry)
    return found, ignored


_TEXTS = ("txt", "text", "pyw", "py3")


def _is_script_by_content(entry: DownloadEntry) -> bool:
    """Whether a text, or a file without an ending, is a script: Python that binds something."""
    ending = entry.name.rpartition(".")[2].lower() if "." in entry.name else "txt"
    if ending not in _TEXTS:
        return False
    try:
        body = tree_of(entry.read(LARGEST).decode()).body
    except (DownloadRefused, SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(isinstance(one, ast.Assign | ast.FunctionDef | ast.Import | ast.ImportFrom) for one in body)


def _matches(path: str, pattern: str) -> bool:
    """Whether the name of a file or its path is like a pattern."""
    names = (path.rpartition("/")[2].lower(), path.lower())
    return any(fnmatch.fnmatchcase(name, pattern.lower()) for name in names)
