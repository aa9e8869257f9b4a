"""Nothing of one submission is to be found by the next: not in memory, not in files."""

from __future__ import annotations

import secrets

import pytest

import grader
from grader.exercise.load import load
from grader.runner.fork_servers import ForkServers
from grader.submission.load import load_bytes
from tests.hostile.attacks import DERIVATION, HERE

EXERCISE = load(HERE / "patient.yaml")

LEAVES = """
mark = {parts} * 1
kept = [mark + str(number) for number in range(500)]
import os, sys, tempfile
sys.modules["kept"] = kept
os.environ["KEPT"] = mark
for folder in (os.getcwd(), tempfile.gettempdir(), "/tmp", "/dev/shm"):
    try:
        open(os.path.join(folder, mark), "w").write(mark)
    except OSError:
        pass
"""

LOOKS = """
import ctypes, gc, os, re, sys
mark = ({parts}).encode()
libc = ctypes.CDLL(None, use_errno=True)
libc.sbrk.restype = ctypes.c_void_p
PAGE = 4096
def readable(page):
    libc.access(ctypes.c_void_p(page), 0)  # the kernel reads a name there, or says that it cannot
    return ctypes.get_errno() != 14
everything = gc.get_objects()
pages = {{id(one) // PAGE * PAGE for one in everything}}
end = libc.sbrk(0) // PAGE * PAGE - PAGE
while readable(end):
    pages.add(end)
    end -= PAGE
numbered = re.compile(mark + rb"\\d")
memory = sum(len(numbered.findall(ctypes.string_at(page, PAGE))) for page in pages if readable(page))
texts = str([one for one in everything if type(one) in (dict, list, tuple) and len(one) < 2000][:20000])
found = len(numbered.findall(texts.encode("utf-8", "replace")))
print(len(pages) > 100, memory, found, "KEPT" in os.environ)
"""


def in_parts(mark: str) -> str:
    """An expression for a text that is not itself found where the text is looked for."""
    return " + ".join(repr(mark[at : at + 4]) for at in range(0, len(mark), 4))


@pytest.mark.slow
def test_the_next_submission_finds_nothing_of_the_one_before(isolated: ForkServers) -> None:
    """Attacks 9, 10, 65."""
    mark = secrets.token_hex(12)
    leaves = LEAVES.format(parts=repr(mark))
    for _ in range(3):
        grader.check(EXERCISE, load_bytes((leaves + DERIVATION).encode(), "one.py"), children=isolated)
    looks = LOOKS.format(parts=in_parts(mark))
    result = grader.check(EXERCISE, load_bytes((looks + DERIVATION).encode(), "next.py"), children=isolated)
    told = result.output.split()

    assert result.score == 3.0
    assert told[0] == "True"
    # Of the hundreds of numbered marks the one before left there is none; bare ones are those it looks with.
    assert told[1:] == ["0", "0", "False"]


@pytest.mark.slow
def test_what_a_submission_holds_is_found_where_it_is_looked_for(isolated: ForkServers) -> None:
    """The look itself works: it finds what the same submission has left."""
    mark = secrets.token_hex(12)
    code = LEAVES.format(parts=repr(mark)) + LOOKS.format(parts=in_parts(mark))
    told = grader.check(EXERCISE, load_bytes((code + DERIVATION).encode(), "one.py"), children=isolated).output.split()

    assert int(told[1]) > 20
    assert told[-1] == "True"


@pytest.mark.slow
def test_two_thousand_submissions_leave_no_descriptor_and_no_memory_behind(isolated: ForkServers) -> None:
    import os

    def held() -> tuple[int, int]:
        with open("/proc/self/statm", encoding="ascii") as file:
            return len(os.listdir("/proc/self/fd")), int(file.read().split()[1]) * 4096

    submission = load_bytes(DERIVATION.encode(), "mine.py")
    for _ in range(200):
        grader.check(EXERCISE, submission, children=isolated)
    before = held()
    for _ in range(1800):
        assert grader.check(EXERCISE, submission, children=isolated).score == 3.0
    after = held()

    assert after[0] <= before[0] + 2
    assert after[1] <= before[1] + 30 * 1024 * 1024
