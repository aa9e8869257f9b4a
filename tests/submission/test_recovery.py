"""One bad line costs one line: what is left of a script in which something cannot be read."""

from __future__ import annotations

import ast
from collections.abc import Callable, Set

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grader.model import Submission
from grader.submission.load import load_bytes
from grader.submission.syntax import check

SCRIPT = '''\
"""A derivation."""
import math
from collections import (
    OrderedDict,
    defaultdict,
)
h0, w_h = 0.5, 2.0
names = ['(', "it's"]
text = """
1 - (
"""
def forward(x, w):
    """tanh(w * x"""
    raw = w * x
    if raw - 1 > 0:
        size = raw * 1
    else:
        size = - raw * 1
    return math.tanh(raw)
h1_raw = w_h * h0
h1 = forward(
    h0,
    w_h,
)
total = 0 - 1
for t in range(3):
    total = total - (h1 * 2)

    total += 1 - t * 1
class Cell:
    size = 3 - 1 * 2
    def grow(self):
        self.size = self.size * 2 - 1
dh1 = (1 - h1**2) * \\
    h0
with open(__file__) as f:
    first = f.read() * 1
try:
    last = total - 1 * 2
except (ValueError, TypeError) as error:
    last = 0 * 1 - 1
print(dh1, h1_raw - 1)
end = h1 - 2 * 3
'''
LINES = SCRIPT.split("\n")
TREE = ast.parse(SCRIPT)
STATEMENTS = [node for node in ast.walk(TREE) if isinstance(node, ast.stmt)]
SIMPLE = [node for node in STATEMENTS if not hasattr(node, "body")]
HEADERS = [node for node in STATEMENTS if hasattr(node, "body")]
ASSIGNED = [node for node in SIMPLE if isinstance(node, ast.Assign) and node.lineno == node.end_lineno]


def read(source: str) -> Submission:
    return load_bytes(source.encode(), "x.py")


def kept(submission: Submission, but: Set[int] = frozenset()) -> set[tuple[int, str]]:
    """The simple statements that run, each with its line, those on some lines apart."""
    (cell,) = submission.cells
    nodes = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.stmt)]
    return {(node.lineno, ast.unparse(node)) for node in nodes if not hasattr(node, "body") and node.lineno not in but}


def all_but(node: ast.stmt) -> set[tuple[int, str]]:
    inside = set(ast.walk(node))
    return {(one.lineno, ast.unparse(one)) for one in SIMPLE if one not in inside}


def with_line(number: int, text: str) -> str:
    return "\n".join([*LINES[: number - 1], text, *LINES[number:]])


Breaker = Callable[[str], str]


def replaced(old: str, new: str) -> Breaker:
    return lambda line: line.replace(old, new, 1)


BREAKERS: dict[str, tuple[Breaker, str]] = {
    "an opening bracket too many": (replaced("= ", "= ("), "its `(` is never closed"),
    "an opening square bracket too many": (replaced("= ", "= ["), "its `[` is never closed"),
    "a closing bracket too many": (lambda line: line.rstrip() + ")", "its `)` was never opened"),
    "the minus sign": (replaced("- ", "− "), "it has a `−` (U+2212) from a word processor where Python needs `-`"),
    "the dash": (replaced("- ", "– "), "it has a `–` (U+2013) from a word processor where Python needs `-`"),
    "the cross": (replaced("* ", "× "), "it has a `×` (U+00D7) from a word processor where Python needs `*`"),
    "a non-breaking space": (replaced("= ", "=\u00a0"), "it has a space (U+00A0) from a word processor"),
    "a typographic quotation mark": (replaced("= ", "= ‘"), "it has a `‘` (U+2018) from a word processor"),
    "a quotation mark never closed": (replaced("= ", "= 'a "), "a quotation mark is never closed"),
    "an operator missing": (replaced("= ", "= 2 "), ""),
    "an equals sign twice": (replaced("= ", "= = "), "something in it is not Python"),
    "a stray indent": (lambda line: " " + line, ""),
}


@settings(deadline=None)
@given(st.sampled_from(ASSIGNED), st.sampled_from(sorted(BREAKERS)))
def test_a_statement_that_cannot_be_read_is_all_that_is_lost(node: ast.stmt, how: str) -> None:
    breaker, words = BREAKERS[how]
    broken = breaker(LINES[node.lineno - 1])
    assume(check(with_line(node.lineno, broken)) is not None)

    submission = read(with_line(node.lineno, broken))

    (problem,) = submission.problems
    assert problem.where is not None
    assert problem.where.line == problem.where.end_line == node.lineno
    assert f"line {node.lineno} cannot be read: " in problem.message
    assert words in problem.message
    assert kept(submission, but={node.lineno}) == all_but(node)


BROKEN = st.tuples(st.sampled_from(ASSIGNED), st.sampled_from(sorted(set(BREAKERS) - {"a stray indent"})))


@settings(deadline=None)
@given(BROKEN, BROKEN)
def test_two_statements_that_cannot_be_read_are_all_that_is_lost(
    one: tuple[ast.stmt, str], two: tuple[ast.stmt, str]
) -> None:
    (first, _), (second, _) = one, two
    assume(first is not second)
    lines = LINES.copy()
    for node, name in (one, two):
        lines[node.lineno - 1] = BREAKERS[name][0](lines[node.lineno - 1])
        assume(check(with_line(node.lineno, lines[node.lineno - 1])) is not None)

    submission = read("\n".join(lines))

    broken = {first.lineno, second.lineno}
    assert {problem.where.line for problem in submission.problems if problem.where} == broken
    assert kept(submission, but=broken) == all_but(first) & all_but(second)


@pytest.mark.parametrize("number", [n for n, line in enumerate(LINES, 1) if line.endswith(":")])
def test_a_header_without_its_colon_is_read_and_told(number: int) -> None:
    submission = read(with_line(number, LINES[number - 1][:-1]))

    (problem,) = submission.problems
    assert problem.message.startswith(f"line {number} cannot be read: a `:` is missing: ")
    assert kept(submission) == all_but(ast.Pass())


HEADER_FAULTS = st.sampled_from(["(:", " −:", "‘:", " x x:"])


@settings(deadline=None)
@given(st.sampled_from([node for node in HEADERS if not isinstance(node, ast.Try)]), HEADER_FAULTS)
def test_a_header_that_cannot_be_read_takes_its_block_along_and_nothing_else(node: ast.stmt, fault: str) -> None:
    submission = read(with_line(node.lineno, LINES[node.lineno - 1][:-1] + fault))

    (problem,) = submission.problems
    assert problem.where is not None
    assert problem.where.line == node.lineno
    assert kept(submission, but={node.lineno}) == all_but(node)


@pytest.mark.parametrize("number", [38, 40])
def test_a_try_goes_with_its_handler(number: int) -> None:
    submission = read(with_line(number, LINES[number - 1][:-1] + " −:"))

    (problem,) = submission.problems
    assert problem.message.endswith("; lines 38 to 41 were left out")
    assert kept(submission, but={38}) == all_but(next(node for node in HEADERS if isinstance(node, ast.Try)))


@settings(deadline=None)
@given(st.sampled_from(HEADERS), BROKEN)
def test_a_colon_that_is_missing_hides_no_other_fault(header: ast.stmt, broken: tuple[ast.stmt, str]) -> None:
    node, how = broken
    lines = LINES.copy()
    lines[header.lineno - 1] = lines[header.lineno - 1][:-1]
    lines[node.lineno - 1] = BREAKERS[how][0](lines[node.lineno - 1])
    assume(check(with_line(node.lineno, lines[node.lineno - 1])) is not None)

    submission = read("\n".join(lines))

    assert [one.where.line for one in submission.problems if one.where] == sorted((header.lineno, node.lineno))
    assert kept(submission, but={node.lineno}) == all_but(node)


def test_of_a_line_that_is_nested_too_deeply_only_that_line_is_told() -> None:
    source = f"a = 1\nb = {' + '.join(['a'] * 5000)}\nc = 2\n"

    fault = check(source)

    assert fault is not None
    assert (fault.line, fault.reason) == (2, "it is nested too deeply")
