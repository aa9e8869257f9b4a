"""Archives as trees of entries. Members are read into memory within budgets, never unpacked to disk.

Refused, each with a reason: names that lead out of the archive, links and devices, encrypted members, duplicate names
(it is unclear which one is meant), compression methods that cannot be read in chunks, members that grow too much,
archives with too many entries or nested too deeply. Sizes stated in headers are not trusted.
"""

from __future__ import annotations

import errno
import gzip
import io
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, cast

from grader.batch.entries import (
    LARGEST_INNER,
    LARGEST_RATIO,
    LARGEST_SIP,
    MAX_NESTING,
    UNSUSPICIOUS,
    DownloadEntry,
    DownloadRefused,
    Ignored,
    ReadBudget,
    Tree,
    inner_budget,
    litter,
    planted,
    repository_of,
    tidy,
    unreadable,
    unsafe,
)

ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz")
_FOREIGN_ENDINGS = (".rar", ".7z", ".gz", ".bz2", ".tbz2", ".xz", ".txz", ".zst")
_TWICE = "the archive has {} files of this name"
_CHUNK = 64 * 1024
_LISTING = 100
"""Bytes of a zip's central directory allowed per entry: headers and a name of usual length."""

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    tarfile.TarError,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    OverflowError,
    struct.error,
    RuntimeError,
)


def is_archive(name: str) -> bool:
    return name.lower().endswith(ENDINGS)


def foreign_archive(name: str) -> bool:
    """Whether a file is an archive of a kind that the grader cannot read."""
    return name.lower().endswith(_FOREIGN_ENDINGS) and not is_archive(name)


def stem(name: str) -> str:
    """A file's name without its archive ending."""
    ending = next((one for one in sorted(ENDINGS, key=len, reverse=True) if name.lower().endswith(one)), "")
    return name[: len(name) - len(ending)]


def open_archive(path: Path) -> Tree:
    """Open an archive on disk as a tree. Raises `DownloadRefused` if it cannot be read."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise DownloadRefused(f"it cannot be read: {error.strerror}") from None
    return _tree(file, path.name, ReadBudget())


def open_inner(entry: DownloadEntry, depth: int = MAX_NESTING) -> Tree:
    """Open an archive that is itself an entry of a download."""
    if depth > MAX_NESTING:
        raise DownloadRefused("it is an archive in an archive in an archive")
    data = entry.read(LARGEST_INNER)
    return _tree(io.BytesIO(data), entry.name, inner_budget())


def _tree(file: IO[bytes], name: str, budget: ReadBudget) -> Tree:
    try:
        if name.lower().endswith(".zip"):
            return _zip(file, stem(name), budget)
        return _tar(file, stem(name), budget)
    except _BROKEN as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise DownloadRefused(f"it cannot be read: {error.strerror}") from None
        raise DownloadRefused("it is damaged, or no archive of the kind its name says") from None


# Zip


@dataclass(frozen=True, slots=True)
class _Member:
    """A file in an archive, as it is shown: why it is ignored, why it cannot be read, and how it is."""

    shown: str
    ignored: str | None
    fault: str | None
    read: Callable[[int], bytes]
    time: datetime | None


def _planted(name: str, members: Sequence[_Member], folders: Sequence[str]) -> Tree:
    times = Counter(member.shown for member in members)
    entries: list[DownloadEntry] = []
    twice: dict[str, DownloadEntry] = {}
    ignored: list[Ignored] = []
    repositories: set[str] = set()
    for member in members:
        shown = member.shown
        if (repository := repository_of(shown)) is not None:
            repositories.add(repository)
        elif member.ignored is not None:
            ignored.append(Ignored(shown, member.ignored))
        elif times[shown] > 1:
            twice[shown] = unreadable(shown, _TWICE.format(times[shown]))
        elif member.fault is not None:
            entries.append(unreadable(shown, member.fault))
        else:
            entries.append(DownloadEntry(shown, member.read, member.time))
    return planted(name, [*entries, *twice.values()], ignored, repositories, folders)


def _zip(file: IO[bytes], name: str, budget: ReadBudget) -> Tree:
    _refuse_long_listing(file, budget.entries)
    archive = zipfile.ZipFile(file)
    named = [(_name_of(info), info) for info in archive.infolist()]
    members: list[_Member] = []
    for original, info in named:
        budget.entry()
        if not info.is_dir():
            shown = tidy(original)
            ignored = litter(shown) or unsafe(info.orig_filename) or unsafe(original)
            reader = _zip_reader(archive, info, budget)
            members.append(_Member(shown, ignored, _zip_fault(info), reader, _zip_time(info)))
    folders = [shown for shown, info in named if info.is_dir() and unsafe(shown) is None]
    return _planted(name, members, folders)


def _name_of(info: zipfile.ZipInfo) -> str:
    """The name of a member. Zips without the UTF-8 flag contain UTF-8 names more often than code page 437 (of 1981)."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _zip_fault(info: zipfile.ZipInfo) -> str | None:
    kind = info.external_attr >> 16
    if kind and stat.S_IFMT(kind) == stat.S_IFLNK:
        return "it is a link; links are not followed"
    if kind and stat.S_IFMT(kind) not in (0, stat.S_IFREG):
        return "it is no regular file"
    if info.flag_bits & 0x1:
        return "it is encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "it is compressed in a way that is not read here"
    return None


def _zip_time(info: zipfile.ZipInfo) -> datetime | None:
    """The time of the last change; None for the time that stands for no time."""
    try:
        return datetime(*info.date_time) if info.date_time > (1980, 1, 1, 0, 0, 0) else None
    except ValueError:
        return None


def _zip_reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: ReadBudget) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        try:
            with archive.open(info) as member:
                return _bounded(member, limit, budget, max(info.compress_size, 1))
        except _BROKEN:
            raise DownloadRefused("it is damaged") from None

    return read


def _bounded(stream: IO[bytes], limit: int, budget: ReadBudget, packed: int) -> bytes:
    """Read at most `limit` + 1 bytes, in chunks, so that a small member cannot expand into a large one unnoticed."""
    made = bytearray()
    while len(made) <= limit and (piece := stream.read(min(_CHUNK, limit + 1 - len(made)))):
        made += piece
        budget.spend(len(piece))
        if len(made) > UNSUSPICIOUS and len(made) > LARGEST_RATIO * packed:
            raise DownloadRefused(f"it grows to more than {LARGEST_RATIO} times its size when unpacked")
    return bytes(made)


def _refuse_long_listing(file: IO[bytes], entries: int) -> None:
    """Check the size that a zip states for its central directory. A smaller actual size is harmless."""
    file.seek(0, io.SEEK_END)
    size = file.tell()
    tail = min(size, 65_557 + 76)
    file.seek(size - tail)
    end = file.read(tail)
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or len(end) < at + 22:
        raise DownloadRefused("it is damaged, or no archive of the kind its name says")
    (listing,) = struct.unpack_from("<L", end, at + 12)
    if listing == 0xFFFFFFFF and (wide := end.rfind(b"PK\x06\x06")) >= 0 and len(end) >= wide + 48:
        (listing,) = struct.unpack_from("<Q", end, wide + 40)
    if listing > _LISTING * entries:
        raise DownloadRefused("it has more entries than anybody hands in")
    file.seek(0)


# Tar


def _tar(file: IO[bytes], name: str, budget: ReadBudget) -> Tree:
    plain = cast(IO[bytes], _Sipped(_plain_tar(file, budget)))
    archive = tarfile.open(fileobj=plain, mode="r:")  # noqa: SIM115  # entries read it later
    members: list[_Member] = []
    folders: list[str] = []
    while (member := archive.next()) is not None:
        budget.entry()
        if not member.isdir():
            shown = tidy(member.name)
            ignored = litter(shown) or unsafe(member.name)
            reader = _tar_reader(archive, member)
            members.append(_Member(shown, ignored, _tar_fault(member), reader, _tar_time(member)))
        elif unsafe(member.name) is None:
            folders.append(member.name)
    return _planted(name, members, folders)


def _tar_fault(member: tarfile.TarInfo) -> str | None:
    if member.issym() or member.islnk():
        return "it is a link; links are not followed"
    return None if member.isreg() and not member.issparse() else "it is no regular file"


def _tar_time(member: tarfile.TarInfo) -> datetime | None:
    try:
        return datetime.fromtimestamp(member.mtime) if member.mtime else None
    except (OSError, ValueError, OverflowError):
        return None


def _tar_reader(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        try:
            stream = archive.extractfile(member)
            if stream is None:
                raise DownloadRefused("it is no regular file")
            # The whole tar was unpacked within the same bounds: its members cannot grow any further.
            return _bounded(stream, limit, ReadBudget(), limit + 1)
        except _BROKEN:
            raise DownloadRefused("it is damaged") from None

    return read


class _Sipped:
    """A tar from which only small pieces can be read. A long member name is stored before its member, with a length
    field, and `tarfile` would read it in one piece: a 256 MiB member name would use 1 GiB of RAM."""

    def __init__(self, file: IO[bytes]) -> None:
        self.seek, self.tell, self._file = file.seek, file.tell, file

    def read(self, size: int) -> bytes:
        """Read up to `size` bytes. Raises `DownloadRefused` if `size` exceeds what any name or chunk needs."""
        if not 0 <= size <= LARGEST_SIP:
            raise DownloadRefused("a name in it is longer than names are")
        return self._file.read(size)


def _plain_tar(file: IO[bytes], budget: ReadBudget) -> IO[bytes]:
    """The tar without gzip compression: in memory, or in an anonymous temporary file if it is large."""
    head = file.read(2)
    file.seek(0)
    if not head.startswith(b"\x1f\x8b"):
        return file
    packed = file.seek(0, io.SEEK_END)
    file.seek(0)
    plain = tempfile.SpooledTemporaryFile(max_size=LARGEST_INNER)  # noqa: SIM115  # lives as long as its entries
    unpacked, total = gzip.GzipFile(fileobj=file), 0
    while piece := unpacked.read(_CHUNK):
        total += len(piece)
        budget.spend(len(piece))
        if total > UNSUSPICIOUS and total > LARGEST_RATIO * packed:
            raise DownloadRefused(f"it grows to more than {LARGEST_RATIO} times its size when unpacked")
        plain.write(piece)
    plain.seek(0)
    return cast(IO[bytes], plain)
