"""Downloads of no platform: a folder of files, one per student, a folder per student with everything that student
handed in, which may be nothing, or a checked-out git repository per student.

Of files (`anna.py`, `ben.ipynb`, `cleo.zip`, `dora.qmd`) the name identifies the student; files with the same name
and different endings belong to one student. Of repositories it is `<assignment>-<user>`; git itself is never run in
them, since their hooks and settings are untrusted."""

from __future__ import annotations

from grader.batch.archive import is_archive, stem
from grader.batch.entries import DownloadEntry, DownloadRefused, Ignored, Tree
from grader.batch.intake.folder_names import common_start, whose
from grader.batch.intake.types import DownloadedAttempt, DownloadLayout, Intake
from grader.submission.load import MAX_SCRIPT
from grader.submission.syntax import FENCED
from grader.submission.text_notebooks import has_python

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
