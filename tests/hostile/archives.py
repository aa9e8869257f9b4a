"""Archives that attack whoever opens them, as data: what is in each, and what is to come of it."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.hostile.attacks import DERIVATION

MINE = DERIVATION.encode()
MANY = 70_000


@dataclass(frozen=True, slots=True)
class Archive:
    """The number of the attack, the name of the file, how its bytes are made; the one file of it that is graded (none:
    ""), and what is said of the rest."""

    number: int
    name: str
    made: Callable[[], bytes]
    taken: str
    said: str
    slow: bool = False  # to make


def zipped(
    members: Mapping[str, bytes] | list[tuple[zipfile.ZipInfo | str, bytes]], kind: int = zipfile.ZIP_DEFLATED
) -> bytes:
    made = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(made, "w", kind) as archive:
        warnings.simplefilter("ignore")  # that a name is there twice is what is tried
        for name, data in members.items() if isinstance(members, Mapping) else members:
            archive.writestr(name, data)
    return made.getvalue()


def tarred(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    made = io.BytesIO()
    for info, data in members:
        info.size = len(data)
        made.write(info.tobuf(tarfile.GNU_FORMAT) + data + bytes(-len(data) % 512))
    return made.getvalue() + bytes(1024)


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def special(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def patched(data: bytes, changes: Mapping[bytes, tuple[int, str, int]]) -> bytes:
    """With numbers changed: per signature how far behind it, of which format, and what."""
    made = bytearray(data)
    for mark, (at, form, value) in changes.items():
        struct.pack_into(form, made, made.index(mark) + at, value)
    return bytes(made)


def lying() -> bytes:
    small = {b"PK\x03\x04": (22, "<L", 10), b"PK\x01\x02": (24, "<L", 10)}
    return patched(zipped({"a.py": bytes(16 << 20)}), small)


def overlapping() -> bytes:
    """Many entries of the listing that all mean one member, and lie of how long it is packed."""
    data = zipped({"0.py": bytes(8 << 20)})
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    one = data[start:end]
    listing = b"".join(
        patched(one, {b"PK\x01\x02": (20, "<L", 1 << 30)}).replace(b"0.py", b"%c.py" % letter)
        for letter in b"abcdefghijklmnopqrstuvwxyz"
    )
    tail = bytearray(data[end:])
    struct.pack_into("<HHLL", tail, 8, 26, 26, len(listing), start)
    return data[:start] + listing + bytes(tail)


def wide() -> bytes:
    """What says in its second, 64-bit end that its listing has a terabyte."""
    data = zipped({"a.py": MINE})
    at = data.index(b"PK\x05\x06")
    record = b"PK\x06\x06" + struct.pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, 1, 1, 1 << 40, 0)
    where = b"PK\x06\x07" + struct.pack("<LQL", 0, at, 1)
    return data[:at] + record + where + patched(data[at:], {b"PK\x05\x06": (12, "<L", 0xFFFFFFFF)})


def long_name(kind: bytes) -> bytes:
    """A quarter of a gigabyte for the name of one member, packed no tighter than text may be."""
    size = 200 << 20
    name = b"%d comment=" % size
    info = member("long", kind)
    info.size = size
    made = info.tobuf(tarfile.GNU_FORMAT) + name + b"a" * (size - len(name) - 1) + b"\n"
    return gzip.compress(made + tarred((member("pad"), os.urandom(2 << 20)), (member("a.py"), MINE)), 1)


def deep() -> bytes:
    inner = zipped({"a.py": MINE})
    for _ in range(40):
        inner = zipped({"b.zip": inner})
    return inner


LEADS_OUT = ("../../a.py", "/tmp/a.py", "C:/a.py", "C:\\a.py", "\\\\server\\a.py", "..\\a.py", "b/../../a.py")
NAMES = ("A.py", "a.py", "e\u0301.py", "\u202eyp.a", "new\nline.txt", "x" * 4000 + ".txt", "\x1b[2J.txt", "=cmd.txt")

ARCHIVES = (
    Archive(70, "names.zip", lambda: zipped(dict.fromkeys(NAMES, MINE)), "\u00e9.py", "neither a script"),
    Archive(85, "slip.zip", lambda: zipped(dict.fromkeys((*LEADS_OUT, "ok.py"), MINE)), "ok.py", "absolute path"),
    Archive(85, "null.zip", lambda: zipped({"a_b.py": MINE, "ok.py": MINE}).replace(b"a_b", b"a\0b"), "ok.py", "null"),
    Archive(85, "slip.tar", lambda: tarred(*((member(n), MINE) for n in (*LEADS_OUT, "ok.py"))), "ok.py", "leads out"),
    Archive(86, "link.zip", lambda: zipped([(special("a.py", 0o120777), b"../key.py")]), "", "links are not followed"),
    Archive(86, "device.zip", lambda: zipped([(special("a.py", 0o020666), b"")]), "", "no regular file"),
    Archive(86, "link.tar", lambda: tarred((member("a.py", tarfile.SYMTYPE, "/etc/passwd"), b"")), "", "not followed"),
    Archive(86, "hard.tar", lambda: tarred((member("a.py", tarfile.LNKTYPE, "../key.py"), b"")), "", "not followed"),
    Archive(86, "device.tar", lambda: tarred((member("a.py", tarfile.CHRTYPE), b"")), "", "no regular file"),
    Archive(86, "pipe.tar", lambda: tarred((member("a.py", tarfile.FIFOTYPE), b"")), "", "no regular file"),
    Archive(86, "sparse.tar", lambda: tarred((member("a.py", tarfile.GNUTYPE_SPARSE), b"")), "", "no regular file"),
    Archive(87, "bomb.zip", lambda: zipped({"a.py": bytes(512 << 20)}), "", "larger than 20 MiB", True),
    Archive(87, "bomb.tar.gz", lambda: gzip.compress(tarred((member("a.py"), bytes(256 << 20)))), "", "200", True),
    Archive(87, "zeros.zip", lambda: zipped({"a.py": bytes(16 << 20)}), "", "more than 200 times"),
    Archive(88, "liar.zip", lying, "", "it is damaged"),
    Archive(89, "many.zip", lambda: zipped({f"{n}.py": b"" for n in range(MANY)}, 0), "", "more entries", True),
    Archive(89, "many.tar", lambda: tarred(*((member(f"{n}.py"), b"") for n in range(MANY))), "", "more entries", True),
    Archive(89, "overlap.zip", overlapping, "", "damaged"),
    Archive(89, "wide.zip", wide, "", "more entries than anybody"),
    Archive(89, "deep.zip", deep, "", "an archive in an archive"),
    Archive(89, "pax.tar.gz", lambda: long_name(tarfile.XHDTYPE), "", "longer than names are", True),
    Archive(89, "gnu.tar.gz", lambda: long_name(tarfile.GNUTYPE_LONGNAME), "", "longer than names are", True),
    Archive(89, "twice.zip", lambda: zipped([("a.py", MINE), ("a.py", b"")]), "", "2 files of this name"),
    Archive(89, "twice.tar", lambda: tarred((member("a.py"), MINE), (member("./a.py"), b"")), "", "2 files of this"),
    Archive(89, "locked.zip", lambda: patched(zipped({"a.py": MINE}), {b"PK\x01\x02": (8, "<H", 1)}), "", "encrypted"),
    Archive(89, "odd.zip", lambda: zipped({"a.py": MINE}, zipfile.ZIP_LZMA), "", "compressed in a way"),
    Archive(89, "no.zip", lambda: b"PK\x05\x06" + b"\xff" * 18, "", "more entries than anybody"),
)  # fmt: skip
