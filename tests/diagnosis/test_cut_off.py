"""A search for repairs ends in its time, however many there are to try and however few of them pass the first look."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import grader
from grader.diagnosis.repair_search import candidates
from grader.diagnosis.repair_search.task import Task
from grader.errors import ExplanationFailed
from grader.formula.parse import parse_expression
from grader.submission.load import load_bytes


def test_the_time_is_looked_at_while_candidates_are_sifted(monkeypatch: pytest.MonkeyPatch) -> None:
    def many(*_: object) -> Iterator[object]:
        while True:
            yield edit

    class Edit:
        before = after = None

    class Probe:
        @staticmethod
        def passes(*_: object) -> bool:
            return False

    edit = Edit()
    task = Task(parse_expression("x"), (({"x": 1.0},),), (2.0,), (), (), ())
    for name in ("single_edits", "scalings", "missing_products", "subtrees"):
        monkeypatch.setattr(candidates, name, many if name != "subtrees" else lambda _: ())
    began = time.thread_time()

    assert list(candidates.candidates(task, Probe(), began + 0.05)) == []  # type: ignore[arg-type]  # all it looks at
    assert time.thread_time() - began < 1


def test_what_fails_while_repairs_are_looked_for_costs_a_sentence_and_no_verdict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    solution = (Path(__file__).parents[2] / "solutions" / "tanh-chain.py").read_text(encoding="utf-8")
    wrong = solution.replace("dh1_dwh = (1 - h1**2)", "dh1_dwh = (1 - h1_raw**2)")

    def fails(*_: object) -> None:
        raise AttributeError("T")

    monkeypatch.setattr("grader.diagnosis.diagnose.derivation_of", fails)
    with pytest.warns(ExplanationFailed, match="nothing is explained"):
        result = grader.check("tanh-chain", load_bytes(wrong.encode(), "mine.py"))

    assert result.first_error == "dh1_dwh"
    assert result.score == result.max_score - 1
