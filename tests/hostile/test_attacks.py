"""Every attack, in every mode that promises to stand it: no breach, no step undeserved, nothing left, and neighbours
graded as if it had not been there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import grader
from grader.exercise.load import load
from grader.model import Result
from grader.runner.protocols import Children
from grader.submission.load import load_bytes
from tests.hostile.attacks import ATTACKS, DERIVATION, HERE, Attack
from tests.hostile.traces import Left, left

EXERCISE = load(HERE / "exercise.yaml")
RIGHT = load_bytes(DERIVATION.encode(), "neighbour.py")
WRONG = load_bytes(DERIVATION.replace("1 - h**2) * w", "1 - h) * w").encode(), "neighbour.py")


def facts(result: Result) -> tuple[object, ...]:
    """What a neighbour is told, less the time it took."""
    return result.score, result.steps, result.forward, result.problems, result.output


@pytest.fixture(scope="session")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("answers") / "answers.json"
    path.write_text("the right values")
    return path


@pytest.fixture(scope="module")
def neighbours(children: Children) -> Iterator[list[Result]]:
    """A right and a wrong submission before all attacks, and the same after all of them."""

    def grade() -> list[Result]:
        return [grader.check(EXERCISE, one, children=children) for one in (RIGHT, WRONG)]

    before = grade()
    assert [result.score for result in before] == [3.0, 2.0]
    started = left(children)
    yield before
    assert [facts(result) for result in grade()] == [facts(result) for result in before]
    assert left(children) - started == Left()


@pytest.mark.slow
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack(attack: Attack, children: Children, neighbours: list[Result], secret: Path) -> None:
    if children.isolation not in attack.modes:
        pytest.skip(f"`{children.isolation}` does not promise this")
    result = grader.check(EXERCISE, load_bytes(attack.source(secret), "attack.py"), children=children)
    outcomes = [step.outcome for step in result.steps]
    kinds = {problem.kind for problem in result.problems}

    assert "BREACH" not in result.output
    assert result.isolation == children.isolation
    match attack.expect:
        case ("graded",):
            assert (result.score, result.max_score) == (3.0, 3.0)
        case ("ended", *how):
            assert kinds & set(how)
            assert result.score is None
            assert set(outcomes) == {"unjudged"}
        case ("judged", outcome):
            assert not [one for one in result.steps if one.outcome == "correct"]
            assert outcome in outcomes
            assert not result.score
        case _:
            pytest.fail(f"what is expected of {attack.name}?")
