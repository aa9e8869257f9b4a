"""Of a factor of 2 that is missing it is said so where the change may be shown."""

from __future__ import annotations

from pathlib import Path

from grader.model import Reveal
from grader.report.facts import explained
from grader.submission.load import load_bytes
from tests import warm

SOLUTION = (Path(__file__).parents[2] / "solutions" / "relu-mlp.py").read_text()


def test_a_factor_that_is_put_in_is_missing() -> None:
    assert said_of("fix") == "a factor 2 is missing here"


def test_without_the_change_it_is_said_both_ways() -> None:
    assert said_of("hint") == "a factor 2 is missing here, or there is one too many"


def said_of(reveal: Reveal) -> str | None:
    """What is said of `dE = E / 4`, where the square brings a factor of 2."""
    source = SOLUTION.replace("self.dE = 2 * self.E", "self.dE = self.E")
    result = warm.check("relu-mlp", load_bytes(source.encode(), "mine.py"), reveal=reveal)
    (step,) = [one for one in result.steps if one.outcome == "wrong"]
    return explained(result, step)
