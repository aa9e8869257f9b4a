"""Decode a file as an editor would: by byte order mark, coding cookie, UTF-8, and only then by a guess."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_NO_CODE = re.compile(rb"^[ \t\f]*(?:#[^\r\n]*)?$")
_WIDE_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is a prefix of this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with newline as the only line end; `note` tells the student what had to be assumed."""

    text: str
    note: str | None = None


def decode(data: bytes) -> Decoded:
    """Decode a file. Never fails: undecodable bytes become U+FFFD."""
    for mark, codec in _WIDE_MARKS:
        if data.startswith(mark):
            note = f"the file is saved as {codec.upper()}; it was read, but Python itself expects UTF-8"
            return Decoded(_with_newlines(data.decode(codec, "replace")), note)
    if _cookie(data) == "iso8859-1":
        return Decoded(_with_newlines(data.decode("latin-1")))
    try:
        return Decoded(_with_newlines(data.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        note = f"line {line} is not saved as UTF-8; the file was read as Windows-1252, so accents may look different"
        return Decoded(_with_newlines(data.decode("cp1252", "replace")), note)


def normalised(text: str) -> str:
    """`text` with newline as the only line end; lone surrogates, which cannot be encoded, become U+FFFD."""
    return _with_newlines(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def _with_newlines(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _cookie(data: bytes) -> str | None:
    """The codec named in the first two lines (PEP 263), under Python's name for it."""
    for line in data[:1000].replace(b"\r", b"\n").split(b"\n")[:2]:
        if found := _COOKIE.match(line):
            try:
                return codecs.lookup(found[1].decode("ascii")).name
            except (LookupError, ValueError):
                return None
        if not _NO_CODE.match(line):
            return None
    return None
