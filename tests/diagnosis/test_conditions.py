"""Which changes only decide which code runs."""

from __future__ import annotations

import pytest

from grader.diagnosis.repair_trials.doubtful_changes import decides_what_runs
from grader.formula.syntax import Place


def decides(source: str, part: str) -> bool:
    """Whether a change of the first place of `part`, which is in one line, does."""
    before = source[: source.index(part)]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return decides_what_runs(source, Place(line, column, line, column + len(part)))


CONDITIONS = {
    "a name that only a condition reads": ("ready = False\ndh = 2 * h if ready else h\n", "False"),
    "a part of such a name's value": ("ready = runs() > 4\nif ready:\n    dh = 2 * h\n", "4"),
    "a condition in an expression": ("dh = 2 * h if n > 4 else h\n", "4"),
    "a condition of a statement": ("if n > 4:\n    dh = 2 * h\n", "4"),
    "a name bound where an error is caught": ("try:\n    f()\nexcept E:\n    ready = 0\nif ready: a = 1\n", "0"),
}
OTHERS = {
    "what a condition chooses": ("dh = 2 * h if n > 4 else h\n", "2"),
    "a line under a condition": ("if n > 4:\n    dh = 2 * h\n", "2"),
    "a name that is computed with too": ("s = 1\ndh = s * h if s else h\n", "1"),
    "a mask": ("mask = a < 0\nda = dh * mask\n", "<"),
    "a condition in a loop": ("for t in r:\n    if t > 1:\n        dW += da[t]\n", "1"),
    "a condition in a function": ("def slope(a):\n    return 1 if a < 0 else 0\n", "0"),
    "how often a loop runs": ("for t in range(1, 4):\n    dW += da[t]\n", "1"),
    "a line that cannot be read": ("dh = (\n", "dh"),
}


@pytest.mark.parametrize("case", CONDITIONS)
def test_a_change_of_a_condition_decides_what_runs(case: str) -> None:
    assert decides(*CONDITIONS[case])


@pytest.mark.parametrize("case", OTHERS)
def test_another_change_does_not(case: str) -> None:
    assert not decides(*OTHERS[case])
