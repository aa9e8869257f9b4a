"""Choose which of a student's files is graded. The rules, which the preview also states:

1. Of several attempts the last counts, or the first if the instructor says so.
2. Of several files those count that match `--file`; without it, scripts and notebooks, also inside archives and in one
   archive within an archive. Markdown with Python code counts if there is no script or notebook.
3. Of those, the best one (`best_file`).
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from grader.batch.archive import foreign_archive, is_archive, open_inner
from grader.batch.best_file import as_named, best_of
from grader.batch.entries import Entry, Ignored, litter
from grader.batch.intake.files import ENDINGS, holds_python, is_notice
from grader.batch.intake.types import Attempt
from grader.batch.read_limits import DEEPEST, MOST_NESTED, Refused
from grader.errors import SubmissionError
from grader.submission.companion_files import LARGEST, picked, text_of
from grader.submission.language import FENCED, foreign_ending
from grader.submission.load import load_bytes

Which = Literal["last", "first"]
Times = Literal["platform", "file"]


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule of choice. `names` are the names of the exercise's steps; `pattern` is like `hw1*.ipynb`. With `times`
    of "file", the time of the last change of the file stands for that of a submission without a time."""

    names: frozenset[str]
    which: Which = "last"
    pattern: str | None = None
    times: Times = "platform"


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
    passed: tuple[Ignored, ...] = ()
    """The files that could have been graded instead, and why they are not."""


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
    ignored = [*attempt.refused, *ignored]
    read: list[tuple[Entry, bytes]] = []
    for entry in candidates:
        try:
            read.append((entry, entry.read()))
        except Refused as refused:
            ignored.append(Ignored(entry.path, str(refused)))
    if not read:
        return Chosen(attempt, number, attempts, "", b"", _nothing(attempt, ignored, rule), tuple(ignored))
    (entry, content), passed = best_of(read, rule.names)
    beside = with_it(attempt.entries, entry.path, content)
    home = entry.path[: entry.path.rfind("/") + 1]
    taken = {f"{home}{name}" for name, _ in beside}
    passed = tuple(one for one in passed if one.path not in taken)
    ignored = [one for one in (*ignored, *passed) if one.path not in taken]
    if rule.times == "file" and attempt.submitted is None:
        attempt = replace(attempt, submitted=entry.modified)
    return Chosen(attempt, number, attempts, entry.path, content, None, tuple(ignored), beside, passed)


def with_it(entries: Sequence[Entry], path: str, content: bytes) -> tuple[tuple[str, bytes], ...]:
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


def _unpacked(entries: Sequence[Entry], path: str) -> Iterator[Entry]:
    """The files next to the chosen one: those of the same archive, if it came from an archive."""
    for entry in entries:
        if not is_archive(entry.name):
            yield entry
        elif path.startswith(f"{entry.path}/"):
            yield from _unpacked([one.at(f"{entry.path}/{one.path}") for one in open_inner(entry).entries], path)


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


def _nothing(attempt: Attempt, ignored: list[Ignored], rule: Rule) -> str:
    # An archive that cannot be read is what the student meant; notes and what the system put there are not.
    meant = [one for one in ignored if litter(one.path) is None]
    archives = [one for one in meant if is_archive(one.path) or foreign_archive(one.path)]
    ignored = archives or [one for one in meant if not is_notice(one.path.rpartition("/")[2])] or meant
    reasons = {one.reason for one in ignored}
    if len(ignored) == 1 or (len(reasons) == 1 and (archives or not attempt.entries)):
        return f"`{ignored[0].path}`: {ignored[0].reason}"
    if not attempt.entries:
        return "nothing was handed in as a file"
    wanted = f"named like `{rule.pattern}`" if rule.pattern else "a script (.py) or a notebook (.ipynb)"
    return f"of {len(ignored)} files none is {wanted}" if ignored else f"there is no file that is {wanted}"


def _candidates(entries: Sequence[Entry], rule: Rule) -> tuple[list[Entry], list[Ignored]]:
    files: list[Entry] = []
    ignored: list[Ignored] = []
    nested = MOST_NESTED
    waiting = [(entry, 2) for entry in reversed(entries)]
    while waiting:
        entry, depth = waiting.pop()
        if not is_archive(entry.name):
            files.append(entry)
            continue
        nested -= depth > 2
        try:
            inner = open_inner(entry, depth if nested >= 0 else DEEPEST + 1)
        except Refused as refused:
            ignored.append(Ignored(entry.path, str(refused)))
            continue
        ignored += [Ignored(f"{entry.path}/{one.path}", one.reason) for one in inner.ignored]
        waiting += [(one.at(f"{entry.path}/{one.path}"), depth + 1) for one in reversed(inner.entries)]
    found, left = _sifted(files, rule)
    return found, [*ignored, *left]


def _sifted(entries: Sequence[Entry], rule: Rule) -> tuple[list[Entry], list[Ignored]]:
    found: list[Entry] = []
    ignored: list[Ignored] = []
    for entry in entries:
        if foreign_archive(entry.name):
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
