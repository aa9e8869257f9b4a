"""What is tried in a line that raised, by what its error says."""

from __future__ import annotations

import ast

import pytest

from grader.diagnosis.repair_trials.statement_edits import edits_by_error
from grader.diagnosis.source_writer import SourceWriter
from grader.runner.types import Raised

ABOVE = 'probs = 1\nlogits = 2\nself.P = 3\nself.Z = 4\ncache = {"W1": 5, "b1": 6}\n'


def tried(line: str, error: str) -> list[str]:
    """What stands in place of a part of the line, in the order in which it is tried."""
    source = ABOVE + line + "\n"
    tree = ast.parse(source)
    raised = Raised(0, len(tree.body) - 1, 0, len(tree.body), error)
    return [edit.text for edit in edits_by_error(SourceWriter(source, tree), tree.body[-1], raised)]


@pytest.mark.parametrize(
    ("line", "error", "expected"),
    [
        ("d = self.p * 2", "AttributeError: 'Layer' object has no attribute 'p'", ["self.P", "self.Z"]),
        ('d = cache["W"]', "KeyError: 'W'", ['"W1"', '"b1"']),
        ("d = probs(1 - probs)", "TypeError: 'numpy.ndarray' object is not callable",
         ["probs", "probs[1 - probs]", "probs * (1 - probs)"]),
        ("d = probs @ 1", "ValueError: matmul: Input operand 1 does not have enough dimensions", []),
    ],
)  # fmt: skip
def test_an_error_tells_what_to_try(line: str, error: str, expected: list[str]) -> None:
    assert sorted(tried(line, error)) == sorted(expected)


@pytest.mark.parametrize(
    ("line", "lacked", "first"),
    [("d = logit - 1", "logit", "logits"), ("d = prob - 1", "prob", "probs"), ("d = 1 / leng(probs)", "leng", "len")],
)
def test_of_the_names_there_are_the_one_spelled_most_alike_comes_first(line: str, lacked: str, first: str) -> None:
    assert tried(line, f"NameError: name '{lacked}' is not defined")[0] == first
