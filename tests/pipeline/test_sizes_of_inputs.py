"""Inputs typed in with another number of entries than the exercise has."""

from __future__ import annotations

import pytest

from grader.submission.load import load_bytes
from tests import warm

LOOP = """
import math
X = [{rows}]
w = [{weights}]
b = 0.2
y = [1, 0, 1, 0, 0]
z = [sum(wj * xij for wj, xij in zip(w, row)) + b for row in X]
p = [1 / (1 + math.exp(-one)) for one in z]
nll = [-(yi * math.log(pi) + (1 - yi) * math.log(1 - pi)) for yi, pi in zip(y, p)]
loss = sum(nll) / 5
dnll = [1 / 5] * 5
dp = [d * (-yi / pi + (1 - yi) / (1 - pi)) for d, yi, pi in zip(dnll, y, p)]
dz = [d * pi * (1 - pi) for d, pi in zip(dp, p)]
dw = [0.0] * {count}
for i in range(5):
    for j in range(len(w)):
        dw[j] += dz[i] * X[i][j]
db = sum(dz)
"""


@pytest.mark.parametrize(
    ("count", "notes"),
    [
        (2, ["`X` has 10 numbers here and 15 in the exercise, with which the code is run",
             "`w` has 2 numbers here and 3 in the exercise, with which the code is run"]),
        (3, []),
    ],
)  # fmt: skip
def test_where_code_crashes_inputs_of_another_size_are_told(count: int, notes: list[str]) -> None:
    numbers = ("0.8", "-1.1", "0.4")[:count]
    rows = ", ".join([f"[{', '.join(numbers)}]"] * 5)
    text = LOOP.format(rows=rows, weights=", ".join(numbers), count=count)

    result = warm.check("logistic-regression", load_bytes(text.encode(), "mine.py"))

    assert [one.message for one in result.problems if one.kind == "note"] == notes
