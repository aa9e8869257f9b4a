"""Statements that compute what nothing reads, and those that only look so."""

from __future__ import annotations

import ast

import pytest

from grader.submission.plain import reached, without_unread
from grader.submission.shifted import statements_until

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


FUNCTIONS = "import numpy as np\ndef back(dout, cache):\n    return dout * np.cos(cache)\n"
ANSWER = "dx = back(dout, cache)\n"
BESIDE = {
    "a check": "def check(x):\n    return back(np.ones(3), x + e)\ncheck(w)\n",
    "a check at the top level": "d = (np.sin(w + e) - np.sin(w)) / e\nassert abs(back(1, w) - d) < 1e-3\n",
    "another function with these arguments": "def forward(cache, dout):\n    return cache + 1e-5\n",
}
REACHED = {
    "a helper": "def cos(x):\n    return x + e\nnp = [cos]\n",
    "a decorated function": "@memo\ndef back(dout, cache):\n    return 1\ncheck(back)\n",
    "what a default argument can keep": "def back(dout, cache, kept=[]):\n    return kept[0](cache)\nback(d, kept)\n",
    "a function put into what it reads": "np = []\ndef put(f):\n    np.append(f)\nput(lambda x: x + e)\n",
    "a function kept at an attribute": "back.data = lambda x: x + e\n",
    "another function under its name": "def quotient(dout, cache):\n    return cache + e\nback = quotient\n",
    "a function bound in a loop": "for back in (lambda dout, cache: cache + e,):\n    back(w, w)\n",
}


def beside(code: str) -> int:
    """How many statements of the code are not reached from an answer, where they stand between both."""
    statements = statements_until((START + FUNCTIONS + code, ANSWER), (2, 0))
    kept = reached(statements, [statements[-1].tree])
    assert len(kept) > 2
    own = {one.tree for one in statements_until((START + FUNCTIONS + code,), (1, 0))[5:]}
    return len(own) - len(own & {one.tree for one in kept})


@pytest.mark.parametrize("how", BESIDE)
def test_what_an_answer_cannot_depend_on_is_not_reached(how: str) -> None:
    assert beside(BESIDE[how]) == len(ast.parse(BESIDE[how]).body)


@pytest.mark.parametrize("how", REACHED)
def test_what_an_answer_may_depend_on_is_reached(how: str) -> None:
    assert beside(REACHED[how]) == 0
