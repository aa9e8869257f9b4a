"""What a forced run asks for, and what it need not."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.instrument.sites import instrument
from grader.judge.runs.teacher_forcing import Teacher
from grader.model import Result, Value
from grader.runner.session import Decide, Session
from grader.runner.types import Event, Order, Trace
from grader.submission.load import load_bytes
from tests import warm

RIGHT = (Path(__file__).parents[1] / "cases" / "correct" / "plain.py").read_text(encoding="utf-8")
MISTAKE = ("dh1_dwh = (1 - h1**2)", "dh1_dwh = (1 - h1_raw**2)")
ORDER = [line.split(" = ")[0] for line in RIGHT.splitlines() if " = " in line][3:]
"""The quantities, as they are bound."""


def graded(source: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Result, list[list[str]]]:
    """The result, and for each forced run the names it asked for."""
    sites = {site.number: site.names[0] for site in instrument(source, 0).sites if site.names}
    runs: list[list[str]] = []
    run = Session.run

    def spied(self: Session, order: Order, decide: Decide | None = None) -> Trace:
        if order.stops:
            runs.append([sites[number] for number, _ in sorted(order.stops)])
        return run(self, order, decide)

    monkeypatch.setattr(Session, "run", spied)
    return warm.check("tanh-chain", load_bytes(source.encode(), "mine.py")), runs


def outcomes(result: Result) -> dict[str, str]:
    return {one.name: one.outcome for one in result.steps if one.outcome != "correct"}


def test_a_right_submission_is_never_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    _, runs = graded(RIGHT, monkeypatch)

    assert runs == []


def test_what_was_bound_before_the_first_wrong_value_is_known_from_the_natural_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    result, runs = graded(RIGHT.replace(*MISTAKE), monkeypatch)

    assert outcomes(result)["dh1_dwh"] == "wrong"
    assert runs == [ORDER[ORDER.index("dh1_dwh") :]] * 4


def test_a_value_that_is_right_with_everything_before_it_right_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    source = RIGHT.replace(*MISTAKE)
    sites = {site.number: site.names[0] for site in instrument(source, 0).sites if site.names}
    replaced: set[str] = set()
    decide = Teacher.decide

    def spied(self: Teacher, event: Event) -> Value | None:
        found = decide(self, event)
        replaced.update([sites[event.site]] if found is not None else [])
        return found

    monkeypatch.setattr(Teacher, "decide", spied)
    warm.check("tanh-chain", load_bytes(source.encode(), "mine.py"))

    assert replaced == {"dh1_dwh"}


def test_a_second_mistake_is_found_behind_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    source = RIGHT.replace(*MISTAKE).replace("dh1 = w_h * dh2_raw", "dh1 = w_y * dh2_raw")

    result, _ = graded(source, monkeypatch)

    assert [name for name, outcome in outcomes(result).items() if outcome == "wrong"] == ["dh1_dwh", "dh1"]


def test_a_value_that_came_to_be_under_another_name_first_is_judged_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """`t` holds what becomes dh1_dwh: the run is forced from there on."""
    source = RIGHT.replace(
        "dh1_dwh = (1 - h1**2) * dh1raw_dwh\n", "t = (1 - h1_raw**2) * dh1raw_dwh\nzero = 0.0\ndh1_dwh = t\n"
    )

    result, runs = graded(source, monkeypatch)

    assert outcomes(result)["dh1_dwh"] == "wrong"
    assert {run[0] for run in runs} == {"t"}
    assert all("dh1raw_dwh" not in run for run in runs)


def test_where_a_statement_raised_everything_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    result, runs = graded(RIGHT.replace("dh1 = w_h * dh2_raw", "dh1 = w_h * dh2_row"), monkeypatch)

    assert outcomes(result) == {"dh1": "wrong", "dh1_raw": "carried", "dw_h": "carried"}
    assert {run[0] for run in runs} == {"h1_raw"}
