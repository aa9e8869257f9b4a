"""Steps that come to be by changes under other names: rows and windows cut out, `out=`, rows of lists, flat views.

Each way of filling is right, and with one planted mistake it is that step which is wrong, at the line that fills it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.model import Result
from tests import warm

FORWARD = """
import numpy as np
import torch
X = np.array([[0.5, -1.2, 0.8], [1.5, 0.3, -0.7], [-0.6, 0.9, 1.1], [-1.4, -0.5, 0.4], [0.7, 1.3, -0.9]])
w = np.array([0.8, -0.6, 0.3])
b = 0.2
y = np.array([1, 0, 1, 0, 0])
N = len(y)
z = X @ w + b
p = 1 / (1 + np.exp(-z))
nll = -(y * np.log(p) + (1 - y) * np.log(1 - p))
loss = nll.mean()
dnll = np.full(N, 1 / N)
dp = dnll * (-y / p + (1 - y) / (1 - p))
"""

BACKWARD = """
dw = X.T @ dz
db = dz.sum()
"""

FILLED = {
    "a window": """
dz = np.zeros(N)
for k in range(N):
    row = dz[k : k + 1]
    row[:] = dp[k] * p[k] * (1 - p[k])
""",
    "a window that is added to": """
dz = np.zeros(N)
for k in range(N):
    row = dz[k : k + 1]
    row += dp[k] * p[k] * (1 - p[k])
""",
    "halves": """
dz = np.empty(N)
upper, lower = dz[:2], dz[2:]
lower[:] = (dp * p * (1 - p))[2:]
upper[:] = (dp * p * (1 - p))[:2]
""",
    "another shape": """
dz = np.empty(N)
column = dz.reshape(N, 1)
column[:, 0] = dp * p * (1 - p)
""",
    "the whole of a slice": """
dz = np.zeros(N)
every = dz[:]
every[:] = dp * p * (1 - p)
""",
    "flat": """
dz = np.empty(N)
for k in range(N):
    dz.flat[k] = dp[k] * p[k] * (1 - p[k])
""",
    "out": """
dz = np.empty(N)
np.multiply(dp * p, (1 - p), out=dz)
""",
    "out, and bound": """
dz = np.empty(N)
_ = np.multiply(dp * p, (1 - p), out=dz)
""",
    "out of a sum": """
dz = np.empty(N)
np.add(dp * p * (1 - p), 0.0, out=dz)
""",
    "a part that a function cuts out": """
def part(whole, k):
    return whole[k : k + 1]
dz = np.zeros(N)
for k in range(N):
    part(dz, k)[...] = dp[k] * p[k] * (1 - p[k])
""",
    "a part that a function of numpy cuts out": """
dz = np.zeros(N)
np.split(dz, 1)[0][:] = dp * p * (1 - p)
""",
    "einsum": """
dz = np.empty(N)
np.einsum("n,n,n->n", dp, p, (1 - p), out=dz)
""",
    "copied to": """
dz = np.empty(N)
np.copyto(dz, dp * p * (1 - p))
""",
    "put": """
dz = np.empty(N)
np.put(dz, np.arange(N), dp * p * (1 - p))
""",
    "torch, copied to a row": """
dz_ = torch.zeros(N, dtype=torch.float64)
dz = dz_.view(N)
for k in range(N):
    dz_[k].copy_(torch.tensor(dp[k] * p[k] * (1 - p[k])))
dz = dz.numpy()
""",
    "torch, narrow": """
dz = torch.zeros(N, dtype=torch.float64)
for k in range(N):
    part = dz.narrow(0, k, 1)
    part += dp[k] * p[k] * (1 - p[k])
dz = dz.numpy()
""",
    "in a function": """
def back(dp, p):
    dz = np.zeros(N)
    for k in range(N):
        row = dz[k : k + 1]
        row[:] = dp[k] * p[k] * (1 - p[k])
    return dz
dz = back(dp, p)
""",
}


def graded(source: str, folder: Path, exercise: str) -> Result:
    (folder / "mine.py").write_text(source)
    return warm.check(exercise, str(folder / "mine.py"))


def outcomes(result: Result) -> dict[str, str]:
    return {step.name: step.outcome for step in result.steps if step.outcome != "correct"}


@pytest.mark.parametrize("filled", FILLED.values(), ids=FILLED)
def test_a_step_that_is_filled_under_another_name_is_right(filled: str, tmp_path: Path) -> None:
    assert outcomes(graded(FORWARD + filled + BACKWARD, tmp_path, "logistic-regression")) == {}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("filled", FILLED.values(), ids=FILLED)
def test_a_mistake_in_what_fills_it_is_that_steps_alone_and_at_that_line(filled: str, tmp_path: Path) -> None:
    source = FORWARD + filled.replace("(1 - p", "(1 + p") + BACKWARD

    result = graded(source, tmp_path, "logistic-regression")

    assert outcomes(result) == {"dz": "wrong", "dw": "carried", "db": "carried"}
    (where,) = (step.where for step in result.steps if step.name == "dz")
    assert where is not None
    assert "(1 + p" in source.splitlines()[where.line - 1]


def test_what_has_been_taken_over_in_place_for_the_next_step_stays_right(tmp_path: Path) -> None:
    backward = "dz = dp\ndz *= p * (1 - p)\n" + BACKWARD

    assert outcomes(graded(FORWARD + backward, tmp_path, "logistic-regression")) == {}


def test_a_mistake_in_what_is_taken_over_is_shown_where_it_was_made(tmp_path: Path) -> None:
    source = FORWARD.replace("-y / p", "y / p") + "dz = dp\ndz *= p * (1 - p)\n" + BACKWARD

    result = graded(source, tmp_path, "logistic-regression")

    (where,) = (step.where for step in result.steps if step.name == "dp")
    assert where is not None
    assert where.line == len(FORWARD.splitlines())


def test_a_step_in_a_part_of_an_array_that_is_emptied_behind_it_is_right(tmp_path: Path) -> None:
    backward = (
        "dz = dp * p * (1 - p)\nheld = np.empty(4)\ndw = held[:3]\ndw[:] = X.T @ dz\ndb = dz.sum()\nheld[:] = 0\n"
    )

    result = graded(FORWARD + backward, tmp_path, "logistic-regression")

    assert outcomes(result) == {}
    assert [step.remark for step in result.steps if step.name == "dw"] == [
        f"it was right here; line {len((FORWARD + backward).splitlines())} changes it afterwards"
    ]


def test_no_remark_where_nothing_changes_a_step(tmp_path: Path) -> None:
    result = graded(FORWARD + "dz = dp * p * (1 - p)\n" + BACKWARD, tmp_path, "logistic-regression")

    assert [step.remark for step in result.steps] == [None] * 5


UPSTREAM = (
    FORWARD[: FORWARD.index("dp = ")]
    + """
dnll *= -y / p + (1 - y) / (1 - p)
dp = dnll
dz = dp * p * (1 - p)
"""
)


def test_a_step_that_is_the_same_at_every_point_and_was_changed_for_the_next_one_is_right(tmp_path: Path) -> None:
    result = graded(UPSTREAM + BACKWARD, tmp_path, "logistic-regression")

    assert outcomes(result) == {}
    line = UPSTREAM.splitlines().index("dnll *= -y / p + (1 - y) / (1 - p)") + 1
    assert result.steps[0].remark == f"it was right here; line {line} changes it afterwards"


def test_a_mistake_in_that_change_is_the_next_steps(tmp_path: Path) -> None:
    result = graded(UPSTREAM.replace("-y / p", "y / p") + BACKWARD, tmp_path, "logistic-regression")

    assert {name for name, outcome in outcomes(result).items() if outcome == "wrong"} == {"dp"}


SHOWN = {
    "a loop": "shown = {}\nfor name, value in {'dz': dz, 'dw': dw}.items():\n    shown[name] = value * 1000 // 1\n",
    "a comprehension": "shown = {k: np.round(v, 2) for k, v in {'dw': dw, 'db': db}.items()}\n",
    "errors": "errors = {}\nerrors['dw'] = abs(dw - dw * 1.0001)\n",
    "errors at once": "errors = {'dw': abs(dw - dw * 1.0001), 'db': 1e-9}\n",
}


@pytest.mark.parametrize("shown", SHOWN.values(), ids=SHOWN)
def test_what_is_made_of_the_steps_to_be_looked_at_is_no_step(shown: str, tmp_path: Path) -> None:
    backward = "dz = dp * p * (1 - p)\n" + BACKWARD

    assert outcomes(graded(FORWARD + backward + shown, tmp_path, "logistic-regression")) == {}


@pytest.mark.parametrize("shown", [SHOWN[name] for name in ("a loop", "a comprehension", "errors at once")])
def test_a_mistake_before_that_is_shown_at_its_own_line(shown: str, tmp_path: Path) -> None:
    source = FORWARD + "dz = dp * p * (1 - p)\n" + BACKWARD.replace("X.T @ dz", "X.T @ dz * 2") + shown

    result = graded(source, tmp_path, "logistic-regression")

    assert outcomes(result) == {"dw": "wrong"}
    (where,) = (step.where for step in result.steps if step.name == "dw")
    assert where is not None
    assert "* 2" in source.splitlines()[where.line - 1]


def test_an_entry_that_later_steps_read_is_the_step(tmp_path: Path) -> None:
    backward = "dz = dp * p * (1 - p)\ng = {}\ng['dz'] = dz * 2\ndw = X.T @ g['dz']\ndb = g['dz'].sum()\n"

    assert outcomes(graded(FORWARD + backward, tmp_path, "logistic-regression"))["dz"] == "wrong"
