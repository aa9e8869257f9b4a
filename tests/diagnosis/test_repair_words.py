"""How a change is put into words, if no misconception explains it."""

from __future__ import annotations

import pytest

import grader
from grader.diagnosis.messages import _needs_brackets
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.repair_words import BRACKETS, CUT, needed
from grader.exercise.load import find, load
from grader.formula.parse import parse_expression
from grader.formula.syntax import text, walk
from grader.submission.load import load_bytes


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("(1 - h)**2", "(1 - h**2)", BRACKETS),
        ("dc, dh", "dh, dc", "`dc` and `dh` are in the wrong order."),
        ("dx, dc, dh", "dx, dh, dc", "`dc` and `dh` are in the wrong order."),
        ("d @ w.T", "(d @ w.T).reshape(x.shape)", "After `d @ w.T`, `.reshape(x.shape)` is needed."),
        ("dz", "dz.sum()", "After `dz`, `.sum()` is needed."),
        ("dxpad", "dxpad[:, 1:-1]", "After `dxpad`, `[:, 1:-1]` is needed."),
        ("h", "h[t]", "`h` stands where `h[t]` is needed."),
        ("np.outer(v, dm)", "np.outer(dm, v)", "`v` and `dm` are in the wrong order."),
        ("h0 * d2 + h1 * d1", "h1 * d2 + h0 * d1", "`h0` and `h1` are in the wrong order."),
        ("y[t] - h[t]", "h[t] - y[t]", "`y[t]` and `h[t]` are in the wrong order."),
        ("a * b + a", "b * a + b", "`a` and `b` are in the wrong order."),
        ("a * b + a", "b * a + c", "`a * b + a` stands where `b * a + c` is needed."),
        ("h[t]", "h[t - 1]", "`h[t]` stands where `h[t - 1]` is needed."),
        ("dz", "dz / n", "A factor is missing beside `dz`."),
        ("dz", "dz + du", "A term is missing beside `dz`."),
        ("n", "n - 1", "`n` stands where `n - 1` is needed."),
        ("w, x", "w, w", "`w, x` stands where `w, w` is needed."),
    ],
)
def test_a_replacement_is_said_as_what_it_is(before: str, after: str, said: str) -> None:
    assert needed(before, after) == said


@pytest.mark.parametrize(
    ("whole", "new", "expected"),
    [
        ("-x", "a * b", False),
        ("-x", "a + b", True),
        ("c * -x", "a * b", True),
        ("c - -x", "a * b", False),
        ("2 * x", "a + b", True),
        ("x / 2", "a * b", False),  # a left operand
        ("2 / x", "a * b", True),
        ("x - 2", "a + b", False),
        ("2 - x", "a + b", True),
        ("2 - x", "a * b", False),
        ("x**2", "a * b", True),
        ("x**2", "-a", True),
        ("exp(x)", "a + b", False),
        ("x + c", "exp(a)", False),
        ("c**x", "-1.5", False),
    ],
)
def test_brackets_stand_only_where_python_needs_them(whole: str, new: str, expected: bool) -> None:
    root, after = parse_expression(whole), parse_expression(new)
    part = next(node for node in walk(root) if text(node) == "x")

    assert _needs_brackets(Edit("operand", part, after, root, lambda new: new)) is expected


def said_of(exercise: str, step: str, line: str) -> str:
    source = SOLUTION[exercise].format(**{step: line})
    made = grader.check(load(find(exercise)), load_bytes(source.encode(), "mine.py"))
    found = next(one for one in made.steps if one.name == step)
    assert found.diagnosis is not None
    return found.diagnosis.message


SOLUTION = {
    "softmax-cross-entropy": (
        "import numpy as np\nx, W = np.ones((5, 4)), np.ones((4, 3))\nb, y = np.ones(3), np.array([0, 1, 2, 0, 1])\n"
        "n = len(y)\nlogits = x @ W + b\ndlogprobs = np.zeros_like(logits)\n{dlogprobs}\n"
    ),
}


def test_a_floor_division_is_said_to_cut_and_is_no_forgotten_mean() -> None:
    assert said_of("softmax-cross-entropy", "dlogprobs", "dlogprobs[np.arange(n), y] = -1 // n") == CUT
