"""Statements that compute what nothing reads, and those that only look so."""

from __future__ import annotations

import pytest

from grader.submission.shifted import statements_until
from grader.submission.unread import without_unread

START = "import numpy as np\nw = 1.2\ne = 1e-4\n"

UNREAD = {
    "a loss": "L = np.sum(w * w) + np.sum(w)\n",
    "a loss that is printed": "L = np.sum(w * w) + np.sum(w)\nprint(f'loss {L:.3f}', L)\n",
    "what only an unread value is made from": "a = -np.log(w)\nL = a.mean()\n",
    "along an axis": "L = np.sum(w, 0) + w.sum(axis=0, keepdims=True)\n",
}
READ = {
    "by a step": "L = np.sum(w + e) - np.sum(w)\nd = [L / e]\n",
    "by an unread value that a step reads": "L = np.sum(w + e)\nM = L - np.sum(w)\nd = [M / e]\n",
    "by a function": "L = np.sum(w + e)\ndef f():\n    return L\n",
    "put into an array": "_ = np.copyto(d, np.sum(w + e))\n",
    "put into an array by position": "_ = np.exp(w + e, d)\n",
    "put into an array by name": "_ = np.exp(w + e, out=d)\n",
    "put into a list": "_ = d.append(np.sum(w + e))\n",
    "by a function of that name": "def log(v):\n    d.append(v)\n_ = log(np.sum(w + e))\n",
    "by an import of that name": "from numpy import copyto as log\n_ = log(d)\n",
    "by an operator": "class A:\n    def __add__(self, v):\n        self.v = v\n_ = d + np.sum(w + e)\n",
}


def left(code: str) -> int:
    """How many statements of the code are left out."""
    statements = statements_until((START + code,), (1, 0))
    return len(statements) - len(without_unread(statements, ()))


@pytest.mark.parametrize("how", UNREAD)
def test_what_nothing_reads_is_left_out(how: str) -> None:
    assert left("d = [w, e]\n" + UNREAD[how]) == UNREAD[how].count("\n")


@pytest.mark.parametrize("how", READ)
def test_what_may_be_read_is_kept(how: str) -> None:
    assert left("d = [w, e]\n" + READ[how]) == 0


def test_what_is_wanted_is_kept() -> None:
    statements = statements_until((START + "d = np.sum(w + e) - np.sum(w)\n",), (1, 0))

    assert statements[-1] in without_unread(statements, [statements[-1].tree])
