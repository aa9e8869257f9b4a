"""The parsers, fuzzed by what their own branches tell (atheris, where it installs): a value or a refusal, no traceback,
bounded memory."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.hostile.conftest import EVERY_MODE

RUNS = {"frames": 100_000, "files": 10_000}

PROGRAM = """
import sys, warnings
import atheris
warnings.simplefilter("ignore")
with atheris.instrument_imports(include=["grader.runner.wire", "grader.submission"]):
    from grader.runner import wire
    from grader.submission.load import load_bytes

def frames(data):
    at = 0
    def read(size):
        nonlocal at
        part = data[at : at + size]
        at += len(part)
        return part
    try:
        while (frame := wire.read_frame(read)) is not None:
            for unpack in (wire.unpack_binding, wire.unpack_value, wire.unpack_raise, wire.unpack_place):
                try:
                    unpack(frame[2])
                except wire.WireError:
                    pass
    except wire.WireError:
        pass

def files(data):
    submission = load_bytes(data[1:], "mine.ipynb" if data[:1] < b"b" else "mine.py")
    assert submission.cells or submission.problems or not data[1:].strip()

which = {"frames": frames, "files": files}[sys.argv.pop(1)]
atheris.Setup(sys.argv, which)
atheris.Fuzz()
"""
SEEDS = {
    "frames": (
        b"gr\x10\0\x2d\0\0\0" + b"\1\0\0\0" * 3 + b"\0\0\0\0\0\0\0\x80" + b"\1h" + b"\0\0\1\0\1\0\0\0" + bytes(8),
    ),
    "files": (
        b"bx = 1\n# %%\n%time y\n",
        b'a{"cells": [{"cell_type": "code", "source": "x = 1", "outputs": []}], "nbformat": 4}',
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", SEEDS)
def test_no_input_breaks_a_parser(what: str, tmp_path: Path) -> None:
    if find_spec("atheris") is None:
        if os.environ.get(EVERY_MODE) and sys.version_info < (3, 13) and sys.platform == "linux":
            pytest.fail("atheris installs here, and is not installed")
        pytest.skip("atheris is not installed")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(SEEDS[what]):
        (corpus / str(number)).write_bytes(seed)
    command = [
        # Started by a small process: the most memory its parent ever had would count as its own.
        *("sh", "-c", '"$@"; exit $?', "sh"),
        sys.executable,
        "-c",
        PROGRAM,
        what,
        str(corpus),
        f"-runs={RUNS[what]}",
        "-max_len=600",
        "-rss_limit_mb=600",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=600)

    assert done.returncode == 0, done.stderr[-3000:]
    assert f"Done {RUNS[what]} runs" in done.stderr
