"""Choose which of a student's files is graded. The rules, which the preview also states:

1. Of several attempts the last counts, or the first if the instructor says so.
2. Of several files those count that match `--file`; without it, scripts and notebooks, also inside archives. Markdown
   with Python code counts if there is no script or notebook.
3. Of those, the file that contains most of the exercise's names; on a tie, the last by name.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.batch.archive import foreign_archive, is_archive, open_inner
from grader.batch.entries import Entry, Ignored
from grader.batch.intake.files import ENDINGS, holds_python, is_notice
from grader.batch.intake.types import Attempt
from grader.batch.read_limits import Refused
from grader.errors import SubmissionError
from grader.submission.companion_files import LARGEST, picked, text_of
from grader.submission.language import FENCED, foreign_ending
from grader.submission.load import load_bytes

Which = Literal["last", "first"]


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule of choice. `names` are the names of the exercise's steps; `pattern` is like `hw1*.ipynb`."""

    names: frozenset[str]
    which: Which = "last"
    pattern: str | None = None


ANY = Rule(frozenset())
"""Choose the last attempt, whatever the name of its file."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is graded of one student: `file` and its `content`, or the `reason` why there is nothing to grade. `number`
    says which of the `attempts` was chosen; `ignored` lists the files left out."""

    attempt: Attempt
    number: int
    attempts: int
    file: str
    content: bytes
    reason: str | None = None
    ignored: tuple[Ignored, ...] = ()
    beside: tuple[tuple[str, bytes], ...] = ()
    """Companion files of the attempt that the graded file uses, as pairs of relative name and content."""


def choose(attempts: Sequence[Attempt], rule: Rule) -> Iterator[Chosen]:
    """Yield one choice per student, in order of first appearance. Files are read lazily."""
    by_student: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        by_student.setdefault(attempt.student, []).append(attempt)
    for made in by_student.values():
        made = _merged(made)
        number = len(made) if rule.which == "last" else 1
        yield _of_attempt(made[number - 1], number, len(made), rule)


def _merged(attempts: list[Attempt]) -> list[Attempt]:
    """Sort the attempts by time if all times are known; otherwise keep their order."""
    times = [attempt.submitted for attempt in attempts]
    if all(time is not None for time in times):
        known = [(time.timestamp(), number) for number, time in enumerate(times) if time is not None]
        return [attempts[number] for _, number in sorted(known)]
    return attempts


def _of_attempt(attempt: Attempt, number: int, attempts: int, rule: Rule) -> Chosen:
    candidates, ignored = _scripts_first(*_candidates(attempt.entries, rule))
    read: list[tuple[Entry, bytes]] = []
    for entry in candidates:
        try:
            read.append((entry, entry.read()))
        except Refused as refused:
            ignored.append(Ignored(entry.path, str(refused)))
    if not read:
        return Chosen(attempt, number, attempts, "", b"", _nothing(attempt, ignored, rule), tuple(ignored))
    counted = sorted(
        (_mentioned(content, rule.names), _order(entry.path), entry.path, content) for entry, content in read
    )
    _, _, path, content = counted[-1]
    beside = with_it(attempt.entries, path, content)
    taken = {f"{path[: path.rfind('/') + 1]}{name}" for name, _ in beside}
    for _, _, other, _ in counted[:-1]:
        ignored.append(Ignored(other, f"`{path}` has more of the exercise's names in it, or comes after it"))
    ignored = [one for one in ignored if one.path not in taken]
    return Chosen(attempt, number, attempts, path, content, None, tuple(ignored), beside)


def with_it(entries: Sequence[Entry], path: str, content: bytes) -> tuple[tuple[str, bytes], ...]:
    """The companion files that the graded file uses, from its own folder or below."""
    home = path[: path.rfind("/") + 1]
    others = [entry for entry in _unpacked(entries, path) if entry.path != path and entry.path.startswith(home)]
    near = {entry.path[len(home) :]: entry for entry in others}
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


def _unpacked(entries: Sequence[Entry], path: str) -> Iterator[Entry]:
    """The files next to the chosen one: those of the same archive, if it came from an archive."""
    for entry in entries:
        if not is_archive(entry.name):
            yield entry
        elif path.startswith(f"{entry.path}/"):
            yield from (Entry(f"{entry.path}/{one.path}", one.reader) for one in open_inner(entry).entries)


def _content(entry: Entry) -> bytes:
    """The content of a file; empty if it is too large or unreadable."""
    try:
        return entry.read(LARGEST)
    except Refused:
        return b""


def _scripts_first(found: list[Entry], ignored: list[Ignored]) -> tuple[list[Entry], list[Ignored]]:
    """Remove Markdown texts if there is also a script or a notebook."""
    texts = [entry for entry in found if entry.name.lower().endswith(FENCED)]
    if len(texts) == len(found):
        return found, ignored
    reason = "there is a script or a notebook beside it"
    scripts = [entry for entry in found if not entry.name.lower().endswith(FENCED)]
    return scripts, [*ignored, *(Ignored(entry.path, reason) for entry in texts)]


def _order(path: str) -> tuple[tuple[int, str], ...]:
    """Sort key of a path: numbers by value, ending last: `hw.py`, `hw-2.py`, `hw-10.py`."""
    stem, _, ending = path.rpartition(".")
    parts = re.split(r"(\d+)", stem)
    return (*((int(part), "") if part.isdecimal() else (-1, part) for part in parts), (-2, ending))


def _nothing(attempt: Attempt, ignored: list[Ignored], rule: Rule) -> str:
    if len(ignored) == 1:
        return f"`{ignored[0].path}`: {ignored[0].reason}"
    if not attempt.entries:
        return "nothing was handed in as a file"
    wanted = f"named like `{rule.pattern}`" if rule.pattern else "a script (.py) or a notebook (.ipynb)"
    return f"of {len(ignored)} files none is {wanted}" if ignored else f"there is no file that is {wanted}"


def _candidates(entries: Sequence[Entry], rule: Rule) -> tuple[list[Entry], list[Ignored]]:
    found: list[Entry] = []
    ignored: list[Ignored] = []
    for entry in entries:
        if is_archive(entry.name):
            try:
                inner = open_inner(entry)
            except Refused as refused:
                ignored.append(Ignored(entry.path, str(refused)))
                continue
            ignored += [Ignored(f"{entry.path}/{one.path}", one.reason) for one in inner.ignored]
            inside = [Entry(f"{entry.path}/{one.path}", one.reader) for one in inner.entries]
            more, less = _sifted(inside, rule)
        else:
            more, less = _sifted([entry], rule)
        found += more
        ignored += less
    return found, ignored


def _sifted(entries: Sequence[Entry], rule: Rule) -> tuple[list[Entry], list[Ignored]]:
    found: list[Entry] = []
    ignored: list[Ignored] = []
    for entry in entries:
        if is_archive(entry.name):
            ignored.append(Ignored(entry.path, "it is an archive in an archive"))
        elif foreign_archive(entry.name):
            ignored.append(Ignored(entry.path, "it is an archive that cannot be read here; a .zip or .tar.gz can"))
        elif not entry.name.lower().endswith((*ENDINGS, *FENCED)):
            language = foreign_ending(entry.name)
            what = "neither a script nor a notebook" if language is None else f"{language}, not Python"
            ignored.append(Ignored(entry.path, f"it is {what}"))
        elif rule.pattern is not None and not _matches(entry, rule.pattern):
            ignored.append(Ignored(entry.path, f"its name does not match `{rule.pattern}`"))
        elif entry.name.lower().endswith(FENCED) and rule.pattern is None and is_notice(entry.name):
            ignored.append(Ignored(entry.path, "it is neither a script nor a notebook"))
        elif entry.name.lower().endswith(FENCED) and not holds_python(entry):
            ignored.append(Ignored(entry.path, "it has no Python code"))
        else:
            found.append(entry)
    return found, ignored


def _matches(entry: Entry, pattern: str) -> bool:
    return fnmatch.fnmatchcase(entry.name.lower(), pattern.lower()) or fnmatch.fnmatchcase(
        entry.path.lower(), pattern.lower()
    )


def _mentioned(content: bytes, names: frozenset[str]) -> int:
    """The number of `names` that occur in a file."""
    words = set(re.findall(r"\w+", content.decode("utf-8", "replace").lower()))
    return len(words & names)
