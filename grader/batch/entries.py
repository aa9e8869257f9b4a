"""The common form of downloads: their files, before they are read, each a name and a bounded way to read the content;
and who handed in which of them, when, and whether late.

Names are untrusted and never used to open a file: a file of a folder is opened at the path from the directory listing,
and a member of an archive has no path on this disk. Limits count the bytes actually read, never sizes stated in
headers."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

LARGEST_FILE = 20 * 1024 * 1024
"""Maximum bytes of one file; a notebook full of pictures fits."""

LARGEST_INNER = 64 * 1024 * 1024
"""Maximum bytes of an archive within an archive."""

MAX_ENTRIES = 100_000
"""Maximum number of entries of a whole download."""

MOST_INNER_ENTRIES = 2_000
"""Maximum number of entries of an archive within an archive: one student's submission."""

LARGEST_RATIO = 200
"""Maximum expansion of a member relative to its compressed size: text rarely exceeds 20, zeros reach 1000."""

LARGEST_SIP = 1024 * 1024
"""Maximum bytes of a single read from a tar: longer than any member name."""

UNSUSPICIOUS = 1024 * 1024
"""Bytes up to which the expansion ratio is not checked."""

MAX_NESTING = 3
"""Maximum nesting of archives: the download (1), a student's archive in it (2), and an archive in that (3)."""

MAX_NESTED_ARCHIVES = 8
"""Maximum number of archives that are opened in one student's archive."""


class DownloadRefused(Exception):
    """Part of a download that is not read; the message gives one fact why."""


@dataclass(slots=True)
class ReadBudget:
    """The remaining budget for one archive."""

    entries: int = MAX_ENTRIES
    total: int = 8 * 1024 * 1024 * 1024

    def entry(self) -> None:
        """Count one entry. Raises `DownloadRefused` if the budget is exceeded."""
        self.entries -= 1
        if self.entries < 0:
            raise DownloadRefused("it has more entries than anybody hands in")

    def spend(self, count: int) -> None:
        """Count bytes read. Raises `DownloadRefused` if the budget is exceeded."""
        self.total -= count
        if self.total < 0:
            raise DownloadRefused("it unpacks to more than is looked at")


def inner_budget() -> ReadBudget:
    """The budget of an archive found inside another one."""
    return ReadBudget(MOST_INNER_ENTRIES, 256 * 1024 * 1024)


_DRIVE = re.compile(r"^[A-Za-z]:")
_LITTER = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", "__pycache__", ".ipynb_checkpoints"})


@dataclass(frozen=True, slots=True)
class DownloadEntry:
    """One file. `path` is relative, uses `/` and is the path shown to people. `reader(limit)` returns at most `limit` +
    1 bytes and may raise `DownloadRefused`. `modified` is the local time of the last change, if the folder or archive
    states one; `attached` orders the files that were attached to one submission, 0 where the platform does not.
    `refused` says why the file is never read, such as a link: it still belongs to a student, who is told so."""

    path: str
    reader: Callable[[int], bytes] = field(repr=False, compare=False)
    modified: datetime | None = field(default=None, compare=False)
    attached: int = field(default=0, compare=False)
    refused: str = ""

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.path.split("/"))

    def at(self, path: str) -> DownloadEntry:
        """The same file under another path."""
        return replace(self, path=path)

    def read(self, limit: int = LARGEST_FILE) -> bytes:
        """Read the whole file. Raises `DownloadRefused` if it is larger than `limit` or unreadable."""
        data = self.reader(limit)
        if len(data) > limit:
            raise DownloadRefused(f"it is larger than {_size(limit)}")
        return data


@dataclass(frozen=True, slots=True)
class Ignored:
    """A file that was left out, and one fact why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a folder or an archive, sorted by path, and those `ignored`: what a system put there, and names that
    lead elsewhere. `repositories` are the roots of git repositories; files below their `.git` are not entries.
    `directories` are the paths of all folders, also of those without files."""

    name: str
    entries: tuple[DownloadEntry, ...]
    ignored: tuple[Ignored, ...] = ()
    repositories: frozenset[str] = frozenset()
    directories: frozenset[str] = frozenset()

    def under(self, first: str) -> Tree:
        """The files below one folder, with paths relative to it."""
        inside = [e.at(e.path[len(first) + 1 :]) for e in self.entries if e.path.startswith(f"{first}/")]
        kept = {path[len(first) + 1 :] for path in self.repositories if path == first or path.startswith(f"{first}/")}
        below = {path[len(first) + 1 :] for path in self.directories if path.startswith(f"{first}/")}
        return Tree(first, tuple(inside), (), frozenset(kept), frozenset(below))

    def folders(self) -> tuple[str, ...]:
        """The names of the top-level folders."""
        return tuple(sorted({entry.parts[0] for entry in self.entries if len(entry.parts) > 1}))

    def all_folders(self) -> tuple[str, ...]:
        """The names of the top-level folders, also of those without files."""
        return tuple(sorted({*self.folders(), *(path.partition("/")[0] for path in self.directories)}))

    def at_top(self) -> tuple[DownloadEntry, ...]:
        return tuple(entry for entry in self.entries if len(entry.parts) == 1)


def unreadable(path: str, why: str) -> DownloadEntry:
    """A file that is there and never read."""

    def read(limit: int) -> bytes:
        raise DownloadRefused(why)

    return DownloadEntry(path, read, refused=why)


def unsafe(name: str) -> str | None:
    """Why a member's name is invalid or would lead out of the archive; None if it is safe."""
    if "\0" in name:
        return "its name has a null character in it"
    if "\\" in name:
        return "its name has a backslash in it"
    if name.startswith("/") or _DRIVE.match(name):
        return "its name is an absolute path"
    if any(part == ".." for part in name.split("/")):
        return "its name leads out of the archive"
    if not any(part not in ("", ".") for part in name.split("/")):
        return "it has no name"
    return None


def tidy(name: str) -> str:
    """Normalise a path for display and comparison: NFC, no empty parts, unencodable characters escaped."""
    plain = name.encode("utf-8", "backslashreplace").decode("utf-8")
    parts = [part for part in unicodedata.normalize("NFC", plain).split("/") if part not in ("", ".")]
    return "/".join(parts)


def litter(path: str) -> str | None:
    """Why a file was made by the system and not by the student; None if the student may have made it."""
    for part in path.split("/"):
        if part in _LITTER or part.startswith(("._", "__MACOSX.")):
            return f"`{part}` is made by the system"
    return None


def repository_of(path: str) -> str | None:
    """The repository whose `.git` folder contains a path; None if the path is in none."""
    parts = path.split("/")
    return "/".join(parts[: parts.index(".git")]) if ".git" in parts else None


def planted(
    name: str, entries: list[DownloadEntry], ignored: list[Ignored], repositories: set[str], folders: Iterable[str]
) -> Tree:
    """Build a tree with sorted entries. `folders` are the paths of all folders, in any order."""
    ordered = sorted(entries, key=lambda entry: entry.path)
    holding = (one.path.rpartition("/")[0] for one in ignored if litter(one.path) is not None)
    shown = (*(tidy(path) for path in folders), *holding)
    kept = {path for path in shown if path and litter(path) is None and "/." not in f"/{path}"}
    return Tree(name, tuple(ordered), tuple(ignored), frozenset(repositories), frozenset(kept))


def folder(path: Path) -> Tree:
    """The files below a folder. Links are not followed; everything that is not a regular file is ignored by name."""
    budget = ReadBudget(entries=MAX_ENTRIES)
    entries: list[DownloadEntry] = []
    ignored: list[Ignored] = []
    repositories: set[str] = set()
    folders: set[str] = set()
    for place, found in _walk(path):
        budget.entry()
        shown = tidy(found)
        if isinstance(place, str):
            entries.append(unreadable(f"{shown}/*", place))
        elif place.is_dir() and not place.is_symlink() and place.name != ".git":
            folders.add(found)
        elif (repository := repository_of(shown)) is not None:
            repositories.add(repository)
        elif (reason := litter(shown)) is not None:
            ignored.append(Ignored(shown, reason))
        elif (reason := _irregular(place)) is not None:
            entries.append(unreadable(shown, reason))
        else:
            entries.append(DownloadEntry(shown, _reader(place), _modified(place)))
    return planted(path.resolve().name, entries, ignored, repositories, folders)


def single(path: Path) -> Tree:
    """A tree with a single file. Raises `DownloadRefused` if it is not a regular file."""
    reason = _irregular(path)
    if reason is not None:
        raise DownloadRefused(reason)
    return Tree(path.resolve().parent.name, (DownloadEntry(tidy(path.name), _reader(path), _modified(path)),))


def _walk(place: Path, shown: str = "") -> Iterator[tuple[Path | str, str]]:
    """Everything below a folder, with relative paths; for a folder that cannot be read the reason as well, which is
    raised of the first one."""
    try:
        with os.scandir(place) as listing:
            children = sorted(listing, key=lambda child: child.name)
    except OSError as error:
        if not shown:
            raise DownloadRefused(f"the folder {place.name} cannot be read: {error.strerror}") from None
        yield f"the folder cannot be read: {error.strerror}", shown
        return
    for child in children:
        inner = f"{shown}/{child.name}" if shown else child.name
        yield Path(child.path), inner
        if child.is_dir(follow_symlinks=False) and child.name != ".git":
            yield from _walk(Path(child.path), inner)


def _modified(place: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(os.lstat(place).st_mtime))
    except (OSError, ValueError, OverflowError):
        return None


def _irregular(place: Path) -> str | None:
    try:
        mode = os.lstat(place).st_mode
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    if stat.S_ISLNK(mode):
        return "it is a link; links are not followed"
    return None if stat.S_ISREG(mode) else "it is no regular file"


def _reader(place: Path) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        # After the listing a file may have been replaced by a link, or by a pipe, at which `open` would block forever.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            with os.fdopen(os.open(place, flags), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise DownloadRefused("it is no regular file")
                return file.read(limit + 1)
        except OSError as error:
            raise DownloadRefused(f"it cannot be read: {error.strerror}") from None

    return read


def _size(limit: int) -> str:
    return f"{limit // 1024 // 1024} MiB" if limit >= 1024 * 1024 else f"{limit // 1024} KiB"


PERSONAL = frozenset({"student", "canvas", "moodle", "brightspace", "username", "email", "sis", "id"})
"""The kinds of identities that name a person; others, such as the number of an attachment, name a part of what was
handed in."""


@dataclass(frozen=True, slots=True)
class DownloadedAttempt:
    """One student's submission at one time. `student` is the key by which the layout distinguishes students, `name` the
    displayed name.

    `identities` are further keys for matching the student in a gradebook: pairs of a kind (`canvas`, `moodle`,
    `username`, `email`, `sis`, `id` for any of them) and a value. `late` is what the platform states, if it does."""

    student: str
    name: str
    entries: tuple[DownloadEntry, ...]
    submitted: datetime | None = None
    late: bool | None = None
    identities: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Intake:
    """All attempts of a download, those of one student in chronological order, the ignored files, and `notes` on the
    roster."""

    layout: str
    attempts: tuple[DownloadedAttempt, ...]
    ignored: tuple[Ignored, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DownloadLayout:
    """One layout of downloads."""

    name: str
    title: str
    recognises: Callable[[Tree], bool]
    """Whether a tree has this layout; decided by names, no file is opened."""

    read: Callable[[Tree, str], Intake]
    """The attempts in a tree. Given the exercise's id, used if the layout contains several assignments."""
