"""`grader hint`: one level more each time, remembered beside the submission. Grading itself is faked."""

from __future__ import annotations

import json
import sys
import types
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.cli.hint import ShownHints
from grader.cli.main import run
from grader.exercise.load import find
from grader.model import Result

from ..report.cases import correct_case, diagnosed_case, unreadable_case


@pytest.fixture
def hinted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Calls `grader hint` for a result; returns the exit status and what was printed."""

    def call(result: Result, *arguments: str) -> tuple[int, str]:
        fake: Any = types.ModuleType("grader.pipeline")
        fake.check = lambda *_, **__: result
        monkeypatch.setitem(sys.modules, "grader.pipeline", fake)
        code = run(["hint", *arguments])
        return code, capsys.readouterr().out

    return call


@pytest.fixture
def mine(tmp_path: Path) -> str:
    file = tmp_path / "mine.py"
    file.write_text("# grader check tanh-chain mine.py\n")
    return str(file)


CASE = replace(diagnosed_case(), reveal="values")


def test_each_call_shows_the_next_level(hinted: Any, mine: str) -> None:
    said = [hinted(CASE, "tanh-chain", mine)[1] for _ in range(5)]

    assert [one.count("again shows") for one in said] == [1, 1, 1, 0, 0]
    assert ["dh1_dwh = (1 - h1**2)" in one for one in said] == [False, False, False, True, True]
    assert said[3] == said[4]


def test_the_exercise_of_a_starter_need_not_be_named(hinted: Any, mine: str) -> None:
    code, said = hinted(CASE, mine)

    assert (code, "`dh1_dwh` = d(h1)/d(w_h)" in said) == (1, True)


def test_it_says_in_which_file_it_remembers(hinted: Any, mine: str) -> None:
    _, said = hinted(CASE, "tanh-chain", mine)
    file = Path(mine).with_name(".mine.py.hints.json")

    assert str(file) in said.replace("\n", "")
    assert json.loads(file.read_text())["shown"] == {"tanh-chain": {"dh1_dwh": "location"}}


def test_where_nothing_can_be_written_it_says_so_and_how_to_see_more(hinted: Any, tmp_path: Path) -> None:
    code, said = hinted(CASE, "tanh-chain", str(tmp_path / "nowhere" / "mine.py"))

    assert code == 1
    assert "is not remembered" in said
    assert "--reveal hint" in said.replace("\n", " ")


def test_the_level_of_the_exercise_is_the_last(hinted: Any, mine: str) -> None:
    said = [hinted(replace(CASE, reveal="location"), "tanh-chain", mine)[1] for _ in range(2)]

    assert "this exercise shows no more than this on `dh1_dwh`" in said[0]
    assert said[0] == said[1]


def test_a_line_that_cannot_be_read_is_no_hint(hinted: Any, mine: str) -> None:
    code, said = hinted(unreadable_case(), "tanh-chain", mine)

    assert (code, "fix this first" in said) == (2, True)
    assert not Path(mine).with_name(".mine.py.hints.json").exists()


def test_where_everything_is_right(hinted: Any, mine: str) -> None:
    code, said = hinted(correct_case(), "tanh-chain", mine)

    assert (code, "all right: there is nothing to give a hint on" in said) == (0, True)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": "grader.hints/1", "shown": {"tanh-chain": 5}}', "\ud800"])
def test_a_file_that_is_not_ours_counts_as_empty(text: str, mine: str) -> None:
    Path(mine).with_name(".mine.py.hints.json").write_text(text, errors="surrogatepass")
    shown = ShownHints(mine, "tanh-chain")

    assert shown.level("dh1_dwh") is None
    assert shown.remember("dh1_dwh", "rule")
    assert ShownHints(mine, "tanh-chain").level("dh1_dwh") == "rule"


def test_exercises_and_steps_are_kept_apart(mine: str) -> None:
    assert ShownHints(mine, "one").remember("a", "hint")
    assert ShownHints(mine, "other").remember("a", "rule")
    assert ShownHints(mine, "one").remember("b", "fix")

    assert [ShownHints(mine, "one").level(step) for step in "abc"] == ["hint", "fix", None]
    assert [file.name for file in Path(mine).parent.iterdir() if "hints" in file.name] == [".mine.py.hints.json"]


# hints that cost points

SCORED = replace(CASE, score=12.0, max_score=16.0)


@pytest.fixture
def costly(tmp_path: Path) -> str:
    """An exercise in which the chain rule of a step costs a point."""
    text = find("tanh-chain").read_text()
    file = tmp_path / "tanh-chain.yaml"
    file.write_text(f"{text}\nhint_costs: {{rule: 1}}\n")
    return str(file)


def kept(mine: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(mine).with_name(".mine.py.hints.json").read_text())
    return found


def test_a_hint_that_costs_points_is_told_before_and_not_shown(hinted: Any, mine: str, costly: str) -> None:
    said = [hinted(SCORED, costly, mine)[1] for _ in range(3)]

    assert "for 1 point" in said[1]
    assert "costs 1 point: 11 of 16 instead of 12" in said[2].replace("\n", " ")
    assert "--yes" in said[2]
    assert "use the chain rule" not in said[2]
    assert "costs" not in kept(mine)


def test_it_is_shown_and_written_down_where_the_student_agrees(hinted: Any, mine: str, costly: str) -> None:
    said = [hinted(SCORED, costly, mine, "--yes")[1] for _ in range(4)]

    assert ["it cost 1 point" in one for one in said] == [False, False, True, False]
    assert kept(mine)["costs"] == {"tanh-chain": {"dh1_dwh": {"rule": 1.0}}}


@pytest.mark.parametrize(("answer", "shown"), [(True, True), (False, False)])
def test_on_a_terminal_the_student_is_asked(
    answer: bool, shown: bool, hinted: Any, mine: str, costly: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def confirm(question: str) -> bool:
        asked.append(question)
        return answer

    monkeypatch.setattr("grader.cli.hint.click.confirm", confirm)
    monkeypatch.setattr("grader.cli.hint._can_ask", lambda: True)

    said = [hinted(SCORED, costly, mine)[1] for _ in range(3)]

    assert len(asked) == 1
    assert "costs 1 point" in asked[0]
    assert ("it cost 1 point" in said[2]) is shown


def test_where_nothing_can_be_remembered_nothing_is_sold(
    hinted: Any, mine: str, costly: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ShownHints(mine, "tanh-chain").remember("dh1_dwh", "hint")
    monkeypatch.setattr(ShownHints, "remember", lambda *_: False)

    _, said = hinted(SCORED, costly, mine, "--yes")

    assert "use the chain rule" not in said
    assert "only where that is remembered" in said.replace("\n", " ")


def test_a_file_with_costs_that_are_no_numbers_costs_nothing(mine: str) -> None:
    file = Path(mine).with_name(".mine.py.hints.json")
    for costs in ("[]", '{"a": []}', '{"a": {"dx": 1}}', '{"a": {"dx": {"rule": "1"}}}', '{"a": {"dx": {"rule": -1}}}',
                  '{"a": {"dx": {"rule": Infinity, "other": 1}}}'):  # fmt: skip
        file.write_text(f'{{"schema": "grader.hints/1", "costs": {costs}}}')

        assert ShownHints(mine, "a").taken() == ()


def test_a_check_deducts_what_hints_cost(
    mine: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake: Any = types.ModuleType("grader.pipeline")
    fake.check = lambda *_, **__: SCORED
    monkeypatch.setitem(sys.modules, "grader.pipeline", fake)
    ShownHints(mine, CASE.exercise).remember("dh1_dwh", "rule", 1.0)

    run(["check", "tanh-chain", mine, "--format", "json"])

    assert json.loads(capsys.readouterr().out)["score"] == 11
