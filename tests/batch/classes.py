"""Classes to grade: submissions to the tanh chain by the hundred, of which it is known what is wrong with each.

Every submission differs from every other (a comment, a name), so that none is graded for two."""

from __future__ import annotations

import random
from pathlib import Path

CASES = Path(__file__).parents[1] / "cases"
RIGHT = (CASES / "correct" / "plain.py").read_text(encoding="utf-8")
WRONG = {
    "tanh-derivative-on-pre-activation": ("(1 - h1**2) * dh1raw_dwh", "(1 - h1_raw**2) * dh1raw_dwh"),
    "sign-flipped": ("dh1 = w_h * dh2_raw", "dh1 = -w_h * dh2_raw"),
}
HOSTILE = (
    "while True:\n    pass\n",
    "x = []\nwhile True:\n    x.append(bytearray(1 << 24))\n",
    "import os\nos._exit(3)\n",
    "while True:\n    print('x' * 100000)\n",
    "h0 = (\n",
)


def write_class(folder: Path, count: int, wrong: float = 0.2, hostile: float = 0.02, source: str = RIGHT) -> None:
    """A folder with a file per student."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / f"s{number:05}.py").write_text(submission(number, wrong, hostile, source), encoding="utf-8")


def submission(number: int, wrong: float = 0.2, hostile: float = 0.02, source: str = RIGHT) -> str:
    """The submission of a student, by number alone."""
    drawn = random.Random(number)
    fate = drawn.random()
    own = f"# submission {number}\nmine_{number} = {drawn.random()!r}\n"
    if fate < hostile:
        return own + drawn.choice(HOSTILE)
    if fate < hostile + wrong:
        right, mistaken = drawn.choice(list(WRONG.values()))
        assert right in source
        return own + source.replace(right, mistaken)
    return own + source
