"""120: files that are handed in small and get large when they are read."""

from __future__ import annotations

import contextlib
import io
import tracemalloc
import zipfile

import pytest

from grader.batch.jobs import Bundle, unpacked
from grader.errors import SubmissionError
from grader.submission.load import load_bytes


def bomb() -> bytes:
    """A zip of some kilobytes with 64 MiB in it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("mine.py", "w") as inside:
        for _ in range(64):
            inside.write(b"\n" * 2**20)
    return packed.getvalue()


LARGE = {
    "a zip bomb as a script": ("mine.py", bomb()),
    "a zip bomb as a notebook": ("mine.ipynb", bomb()),
    "a notebook of brackets": ("mine.ipynb", b"[" * 2**21),
    "a notebook that is no text": ("mine.ipynb", bytes(range(256)) * 2**12),
    "a script of 2 MiB": ("mine.py", b"x=1\n" * 2**19),
}


@pytest.mark.parametrize(("file", "content"), LARGE.values(), ids=LARGE)
def test_a_file_does_not_get_larger_by_being_read(file: str, content: bytes) -> None:
    tracemalloc.start()
    try:
        # A host packs what was handed in, so that no archive is opened as one.
        with contextlib.suppress(SubmissionError):  # or its problems are told
            load_bytes(unpacked(Bundle(content).packed()).content, file)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 30 * 2**20
