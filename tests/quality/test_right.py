"""Correct derivations in many manners, none of which may be accused: with `tests/cases/correct` more than a hundred."""

from __future__ import annotations

import pytest

from tests import warm
from tests.quality.corpus import CORRECT, HERE, Script, scripts

RIGHT = scripts(HERE / "right")


@pytest.mark.parametrize("script", RIGHT, ids=lambda script: script.path.stem)
def test_a_correct_variant_is_not_accused(script: Script) -> None:
    result = warm.check(str(script.exercise), script.path)

    assert {step.name: step.outcome for step in result.steps if step.outcome not in ("correct", "carried")} == {}
    assert (result.score, result.complete) == (result.max_score, True)


def test_there_are_more_than_a_hundred() -> None:
    assert len(CORRECT) > 100
