"""Downloads of no platform: a folder of files, one per student, a folder per student with everything that student
handed in, which may be nothing, or a checked-out git repository per student; and what the name of a file or folder says
about whose it is: a number, an e-mail address, a name, or nothing.

Of files (`anna.py`, `ben.ipynb`, `cleo.zip`, `dora.qmd`) the name identifies the student; files with the same name
and different endings belong to one student. Of repositories it is `<assignment>-<user>`; git itself is never run in
them, since their hooks and settings are untrusted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from grader.batch.archive import is_archive, stem
from grader.batch.entries import (
    DownloadedAttempt,
    DownloadEntry,
    DownloadLayout,
    DownloadRefused,
    Ignored,
    Intake,
    Tree,
)
from grader.submission.load import MAX_SCRIPT
from grader.submission.syntax import FENCED
from grader.submission.text_notebooks import has_python

_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"(?<![^\W_])[A-Za-z]{0,2}\d{4,}(?![^\W_])")
_BRACKETED = re.compile(r"[(\[{]((?=[\w.-]*[^\W\d_])(?=[\w.-]*\d)[\w.-]{3,})[)\]}]")
_WORDS = re.compile(r"[^\W\d_]+")
_COMMON = frozenset({
    "answer", "answers", "assignment", "assignments", "backprop", "code", "copy", "derivation", "derivations",
    "draft", "exercise", "exercises", "final", "gradient", "gradients", "helper", "helpers", "homework", "hw",
    "lab", "main", "notebook", "old", "part", "problem", "problems", "ps", "pset", "script", "solution",
    "solutions", "submission", "submissions", "task", "tasks", "test", "untitled", "util", "utils", "version",
    "week",
})  # fmt: skip
"""Words in names of files that say what a file is and not whose."""


@dataclass(frozen=True, slots=True)
class Whose:
    """The name to display, and the identities in a folder's name."""

    name: str
    identities: tuple[tuple[str, str], ...] = ()


def whose(folders: Sequence[str]) -> dict[str, Whose]:
    """What each folder's name says. A number that several names have, such as a year or a course's, is nobody's."""
    times = Counter(number for folder in folders for number in set(_NUMBER.findall(_MAIL.sub("", folder))))
    login = Counter(word for folder in folders for word in _BRACKETED.findall(folder))
    found = {}
    for folder in folders:
        mail = _MAIL.search(folder)
        rest = _MAIL.sub(" ", folder)
        numbers = [number for number in _NUMBER.findall(rest) if times[number] == 1]
        numbers = numbers or [word for word in _BRACKETED.findall(rest) if login[word] == 1]
        known = [("email", mail[0])] if mail is not None else []
        if numbers:
            number = max(numbers, key=len)
            known.append(("id", number))
            rest = rest.replace(number, " ", 1)
        name = re.sub(r"[\s_()\[\]{}#-]*[_()\[\]{}#][\s_()\[\]{}#-]*|^[\s-]+|[\s-]+$|\s+", " ", rest).strip(" ,;.-")
        found[folder] = Whose(name if known and _WORDS.search(name) else folder, tuple(known))
    return found


def holding(names: Collection[str], identities: Collection[str]) -> dict[str, str]:
    """Names that hold one identity as a word of theirs, and no other name holds it: `u001_hw1` that of `u001`."""
    words = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, identities))})(?![^\W_])", re.IGNORECASE)
    held = {name: list(dict.fromkeys(word.casefold() for word in words.findall(name))) for name in names}
    times = Counter(word for words_held in held.values() for word in words_held)
    return {name: found[0] for name, found in held.items() if len(found) == 1 and times[found[0]] == 1}


def says_nobody(stem: str, exercise: str) -> bool:
    """Whether the name of a file says what it is, and not who wrote it: `hw2_final`, or the exercise's id."""
    words = [word.lower() for word in _WORDS.findall(stem)]
    own = {word.lower() for word in _WORDS.findall(exercise)}
    return bool(words) and all(word in _COMMON or word in own for word in words)


def numbered(stems: Collection[str]) -> bool:
    """Whether several names are one name with different numbers: `submission_1` and `submission_2` are two students."""
    words = {tuple(_WORDS.findall(stem)) for stem in stems}
    return len(stems) > 1 and len(words) == 1 and all(re.search(r"\d", stem) for stem in stems)


def common_start(names: Sequence[str], separator: str) -> str:
    """The common prefix of all names, up to and including its last separator; "" for a single name."""
    if len(names) < 2:
        return ""
    first, last = min(names), max(names)
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[: first.rfind(separator, 0, same) + 1]


ENDINGS = (".py", ".ipynb", ".py.txt", ".ipynb.txt", ".ipynb.json")
"""Of scripts and notebooks, also as editors and browsers that do not know them save them."""

_NOTICES = frozenset(
    {
        "assignment",
        "changelog",
        "contributing",
        "exercise",
        "exercises",
        "feedback",
        "index",
        "instructions",
        "license",
        "licence",
        "readme",
        "task",
        "tasks",
    }
)
"""Names of texts about submissions: such a file is never an answer, whatever code it contains."""


def _has_files(tree: Tree) -> bool:
    return any(entry.name.lower().endswith((*ENDINGS, *FENCED)) or is_archive(entry.name) for entry in tree.at_top())


def _read_files(tree: Tree, wanted: str) -> Intake:
    students: dict[str, list[DownloadEntry]] = {}
    ignored = []
    for entry in tree.entries:
        if len(entry.parts) > 1:
            ignored.append(Ignored(entry.path, "it is in a folder, and each student's file stands beside the others"))
        elif not handed_in(entry):
            ignored.append(Ignored(entry.path, "it is neither a script nor a notebook"))
        else:
            student = stem(entry.name) if is_archive(entry.name) else _without_ending(entry.name)
            students.setdefault(student or entry.name, []).append(entry)
    known = whose(tuple(students))
    attempts = tuple(
        DownloadedAttempt(student, known[student].name, tuple(entries), identities=known[student].identities)
        for student, entries in students.items()
    )
    return Intake("files", attempts, tuple(ignored))


def _without_ending(name: str) -> str:
    ending = max((one for one in ENDINGS if name.lower().endswith(one)), key=len, default="")
    return name[: len(name) - len(ending)] if ending else name.rpartition(".")[0]


def handed_in(entry: DownloadEntry) -> bool:
    """Whether a file may be a submission: a script, a notebook, an archive of them, or a Markdown text with code whose
    name is not one of `_NOTICES`."""
    if entry.name.lower().endswith(FENCED):
        return not is_notice(entry.name) and holds_python(entry)
    return entry.name.lower().endswith(ENDINGS) or is_archive(entry.name)


def is_notice(name: str) -> bool:
    """Whether a text has a name that is usual for notes about other files."""
    return name.lower().partition(".")[0] in _NOTICES


def holds_python(entry: DownloadEntry) -> bool:
    """Whether a Markdown text contains Python code."""
    try:
        return has_python(entry.read(MAX_SCRIPT))
    except DownloadRefused:
        return False


FILES = DownloadLayout("files", "a folder of files, one per student", _has_files, _read_files)


def _has_folders(tree: Tree) -> bool:
    return bool(tree.all_folders())


def _read_folders(tree: Tree, wanted: str) -> Intake:
    reason = "it is in no student's folder"
    known = whose(tree.all_folders())
    attempts = []
    for folder, said in known.items():
        own = tree.under(folder)
        attempts.append(DownloadedAttempt(folder, said.name, own.entries, identities=said.identities))
    return Intake("folders", tuple(attempts), tuple(Ignored(entry.path, reason) for entry in tree.at_top()))


FOLDERS = DownloadLayout("folders", "a folder per student", _has_folders, _read_folders)


def _has_repositories(tree: Tree) -> bool:
    return any(path and "/" not in path for path in tree.repositories)


def _read_repositories(tree: Tree, wanted: str) -> Intake:
    names = sorted(path for path in tree.repositories if path and "/" not in path)
    assignment = _repository_prefix(tree.name, names, wanted)
    attempts, ignored = [], []
    for name in names:
        user = name[len(assignment) :] or name
        attempts.append(DownloadedAttempt(user, user, tree.under(name).entries, identities=(("username", user),)))
    for entry in tree.entries:
        if entry.parts[0] not in tree.repositories:
            ignored.append(Ignored(entry.path, "it is in no repository"))
    return Intake("git", tuple(attempts), tuple(ignored))


def _repository_prefix(folder: str, names: list[str], wanted: str) -> str:
    """The common prefix of all repository names, including the hyphen: taken from the folder that `gh classroom clone`
    makes, from the exercise's id, or from the names themselves."""
    for told in (folder.removesuffix("-submissions"), wanted):
        if told and all(name.startswith(f"{told}-") and len(name) > len(told) + 1 for name in names):
            return f"{told}-"
    return common_start(names, "-")


REPOSITORIES = DownloadLayout(
    "git", "checked-out git repositories, one per student", _has_repositories, _read_repositories
)
