"""Downloads as the platforms name them: files in memory, as a tree, as a zip, as a folder."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from hypothesis import strategies as st

from grader.batch.archive import open_archive
from grader.batch.entries import DownloadEntry, Tree, tidy

Files = Mapping[str, bytes]

letters = st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZáéíóúñçøåßžŁдлжשλ中文")
words = st.text(letters, min_size=1, max_size=8)
people = st.lists(words, min_size=1, max_size=3).map(" ".join)
"""Names of people of many languages."""

_odd = letters | st.sampled_from(" '’-._,")
odd_people = st.text(_odd, min_size=1, max_size=20).filter(lambda name: name.strip(" ."))
"""Names with quotes, hyphens, commas and underscores as well."""

_in_files = letters | st.sampled_from("0123456789 -_()'")
file_names = st.text(_in_files, min_size=1, max_size=20).map(lambda stem: f"{stem}.py")


def entry(path: str, data: bytes) -> DownloadEntry:
    """A file of a download."""
    return DownloadEntry(path, lambda limit: data[: limit + 1])


def tree(files: Files, name: str = "download", repositories: frozenset[str] = frozenset()) -> Tree:
    entries = [entry(tidy(path), data) for path, data in files.items()]
    return Tree(name, tuple(sorted(entries, key=lambda one: one.path)), (), repositories)


def zip_bytes(files: Files) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return made.getvalue()


def zipped(folder: Path, files: Files, name: str = "download.zip") -> Tree:
    path = folder / name
    path.write_bytes(zip_bytes(files))
    return open_archive(path)


def write(folder: Path, files: Files) -> Path:
    for path, data in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return folder
