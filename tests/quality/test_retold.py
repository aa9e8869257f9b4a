"""Real mistakes, retold: the verdict, the name and the repair written on the guilty line."""

from __future__ import annotations

import pytest

from tests import warm
from tests.cases.marks import expectations
from tests.quality.corpus import RETOLD, Script

pytestmark = pytest.mark.sampled(3)


@pytest.mark.parametrize("script", RETOLD, ids=lambda script: script.path.stem)
def test_a_retold_mistake_gets_what_is_written_on_its_line(script: Script) -> None:
    expected, first = expectations(script.source)
    result = warm.check(str(script.exercise), script.path)
    steps = {step.name: step for step in result.steps}

    outcomes = {name: step.outcome for name, step in steps.items()}
    assert outcomes == {name: expected[name].outcome if name in expected else "correct" for name in steps}
    assert result.first_error == first
    for one in expected.values():
        step, place = steps[one.name], steps[one.name].where
        assert one.line is None or (place is not None and place.line <= one.line <= place.end_line), one.name
        if one.outcome == "wrong":
            assert (step.diagnosis and step.diagnosis.code) == (one.code or None), one.name
            assert one.put is None or (step.diagnosis and step.diagnosis.replace_with) == one.put, one.name


def test_there_are_at_least_sixty_each_with_its_name_or_without() -> None:
    assert len(RETOLD) >= 60
    for script in RETOLD:
        wrong = [one for one in expectations(script.source)[0].values() if one.outcome == "wrong"]
        assert wrong, script.id
        assert [one.name for one in wrong if one.code is None] == [], script.id
